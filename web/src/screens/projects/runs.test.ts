import { expect, test } from 'vitest';
import { runsOf } from './runs';

const made = (level: string, day: number) => ({ level, decided_at: `2026-11-0${day}T00:00:00+00:00` });

test('C-68: decisions stand by run, the newest first', () => {
  const [first, designer, second, other] = [
    made('provider', 1),
    made('staff', 2),
    made('provider', 3),
    made('staff', 4),
  ];
  expect(runsOf([first, other, second, designer])).toEqual([
    { number: 2, decisions: [other, second] },
    { number: 1, decisions: [designer, first] },
  ]);
});

test('a single run has no number, and the choices of a provider’s people are one', () => {
  expect(runsOf([made('provider', 1), made('staff', 2)])[0]?.number).toBeUndefined();
  expect(runsOf([made('staff', 1), made('staff', 2)])).toHaveLength(1);
  expect(runsOf([])).toEqual([]);
});
