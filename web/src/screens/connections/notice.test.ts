import { expect, test } from 'vitest';
import { knownReason, readable, saidIn } from './notice';

test('reasons without words of ours are shown as they are', () => {
  expect(knownReason('sku-unknown')).toBe('sku-unknown');
  expect(knownReason('project-paused')).toBeUndefined();
  expect(knownReason(null)).toBeUndefined();
});

test('JSON is indented, anything else stays as it came', () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable('action=createInstance&token=1')).toBe('action=createInstance&token=1');
});

test('what a notice says is told part by part', () => {
  expect(
    saidIn({
      act: 'create',
      sku: '',
      quantity: 2,
      trial: false,
      contact: { name: '王', mobile: null },
      parameters: {},
    }),
  ).toEqual([
    ['act', 'create'],
    ['quantity', '2'],
    ['trial', 'false'],
    ['contact.name', '王'],
  ]);
});
