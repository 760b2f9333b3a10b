import { expect, test } from 'vitest';
import type { Limit } from './details';
import { gone, secondsLeft, spanOf } from './remaining';

const LIMIT: Limit = {
  timeout_days: '2.0',
  advances: false,
  counted_from: '2026-11-23 10:00:00',
  due_at: '2026-11-25 10:00:00',
  remaining_seconds: 90_060,
  stands: null,
};

test('it runs down between two readings, and stands where the clock stands', () => {
  expect(secondsLeft(LIMIT, 61_500)).toBe(89_999);
  expect(secondsLeft({ ...LIMIT, stands: 'day_off' }, 61_500)).toBe(90_060);
  expect(secondsLeft({ ...LIMIT, remaining_seconds: null, stands: 'paused' }, 61_500)).toBeNull();
  expect(secondsLeft({ ...LIMIT, remaining_seconds: null, stands: 'held' }, 61_500)).toBeNull();
});

test('the share gone ends at all of it', () => {
  expect(gone(LIMIT, 86_400)).toEqual({ percent: 50, isShort: false });
  expect(gone(LIMIT, 17_280)).toEqual({ percent: 90, isShort: true });
  expect(gone(LIMIT, -500_000)).toEqual({ percent: 100, isShort: true });
});

test('C-49: a span has no units of 0', () => {
  const text = (seconds: number) => spanOf(seconds).map(([unit, count]) => `${count} ${unit.slice(4)}`);
  expect(text(43_200)).toEqual(['12 Hours']);
  expect(text(2 * 86_400 + 3 * 3_600 + 300)).toEqual(['2 Days', '3 Hours']);
  expect(text(86_400 + 300)).toEqual(['1 Days']);
  expect([text(-300), text(20)]).toEqual([['5 Minutes'], ['0 Minutes']]);
});
