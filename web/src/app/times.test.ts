import { expect, test, vi } from 'vitest';
import { dayBounds, dayText, minuteText, momentOf, parts, readingOf, secondText, today } from './times';

test('a moment typed is one of the platform, wherever the browser is', () => {
  expect(momentOf('2026-11-23T10:00')).toBe('2026-11-23T02:00:00.000Z');
  expect(secondText(momentOf('2026-11-23T10:00:01'))).toBe('2026-11-23 10:00:01');
  // Between two and three o'clock Los Angeles has no such hour on this day: readings are not the browser's.
  expect(momentOf('2026-03-08T02:30')).toBe('2026-03-07T18:30:00.000Z');
  expect(readingOf('2026-03-07T18:30:00Z')).toBe('2026-03-08T02:30:00');
});

test('what is no moment is none', () => {
  for (const typed of ['', '2026-02-31', '2026-13-01', '2026-01-01T24:00', '2026-01-01T10:60', 'soon']) {
    expect(momentOf(typed), typed).toBeUndefined();
  }
  expect(dayBounds('2026-02-30')).toBeUndefined();
});

test('a day chosen is that day on the platform, the last of a month and a year included', () => {
  expect(dayBounds('2026-11-29')).toEqual({ from: '2026-11-28T16:00:00.000Z', to: '2026-11-29T16:00:00.000Z' });
  expect(dayBounds('2026-12-31')).toEqual({ from: '2026-12-30T16:00:00.000Z', to: '2026-12-31T16:00:00.000Z' });
  expect(dayBounds('2028-02-28')?.to).toBe('2028-02-28T16:00:00.000Z');
});

test('times are shown as the clocks of the platform read', () => {
  expect(minuteText('2026-11-28T16:00:00Z')).toBe('2026-11-29 00:00');
  expect(minuteText('2026-11-29T00:00:00+08:00')).toBe('2026-11-29 00:00');
  expect(secondText('2026-11-28T15:59:59.999Z')).toBe('2026-11-28 23:59:59');
  expect([minuteText(null), secondText(undefined)]).toEqual(['--', '--']);
});

test('the present day is the one of the platform', () => {
  vi.useFakeTimers({ now: Date.parse('2026-12-31T15:59:59Z') });
  expect(today()).toBe('2026-12-31');
  vi.setSystemTime(Date.parse('2026-12-31T16:00:00Z'));
  expect(today()).toBe('2027-01-01');
  vi.useRealTimers();
});

test('days are printed as the manual prints them (S-08)', () => {
  expect(dayText('2019-06-05')).toBe('2019年06月05日');
  expect(dayText(null)).toBe('--');
});

test('working time is told in days of 24 hours', () => {
  expect(parts(90_060)).toEqual({ days: 1, hours: 1, minutes: 1 });
  expect(parts(-3_600)).toEqual({ days: 0, hours: 1, minutes: 0 });
});

test('these tests run in the zone that vitest.config.ts says', () => {
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(process.env['TZ']);
});
