import { expect, test } from 'vitest';
import { Positions } from './positions';

test('of several positions of one source the highest counts, whatever the order', () => {
  const positions = new Positions();
  positions.note('project:17');
  positions.note('project:9');
  positions.note('dispatch:4');
  expect(positions.header()).toBe('project:17, dispatch:4');
});

test('positions are forgotten after a minute, each for itself', () => {
  let now = 0;
  const positions = new Positions(() => now);
  positions.note('project:17');
  now = 30_000;
  positions.note('identity:5');
  now = 60_000;
  expect(positions.header()).toBe('identity:5');
  now = 90_000;
  expect(positions.header()).toBeUndefined();
});

test('what is no position is no header', () => {
  const positions = new Positions();
  positions.note(null);
  positions.note('project:x, :3, identity');
  expect(positions.header()).toBeUndefined();
});
