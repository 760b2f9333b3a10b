import { expect, test } from 'vitest';
import { dayText, momentOf, parts, secondText } from './times';

test('a moment typed is one of the platform, wherever the browser is', () => {
  expect(momentOf('2026-11-23T10:00')).toBe('2026-11-23T02:00:00.000Z');
  expect(secondText(momentOf('2026-11-23T10:00:01'))).toBe('2026-11-23 10:00:01');
  expect(momentOf('')).toBeUndefined();
});

test('days are printed as the manual prints them (S-08)', () => {
  expect(dayText('2019-06-05')).toBe('2019年06月05日');
  expect(dayText(null)).toBe('--');
});

test('working time is told in days of 24 hours', () => {
  expect(parts(90_060)).toEqual({ days: 1, hours: 1, minutes: 1 });
  expect(parts(-3_600)).toEqual({ days: 0, hours: 1, minutes: 0 });
});
