/**
 * Times as the manual prints them, and days and moments chosen as the API wants them: always in the platform's zone,
 * wherever the browser is. Every conversion between a clock's reading and a moment stands here.
 *
 * A clock's reading is a text without zone: `2026-11-29`, `2026-11-29T10:00:00`. It becomes a moment only here.
 */
import { TZDateMini } from '@date-fns/tz';

const ZONE = 'Asia/Shanghai';
const NONE = '--';
const READING = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** The reading of the platform's clocks at a moment, to the second; now without one. */
export function readingOf(moment: string | number = Date.now()): string {
  const at = new TZDateMini(new Date(moment).getTime(), ZONE);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** 2019-10-17 17:04 */
export function minuteText(iso: string | number | null | undefined): string {
  return iso ? readingOf(iso).slice(0, 16).replace('T', ' ') : NONE;
}

/** 2019-10-23 18:18:32 */
export function secondText(iso: string | null | undefined): string {
  return iso ? readingOf(iso).replace('T', ' ') : NONE;
}

/** The platform's present day, 2026-11-29. */
export function today(): string {
  return readingOf().slice(0, 10);
}

/** The first moment of a day, and the first moment after it, as the API wants them; undefined where it is no day. */
export function dayBounds(day: string): { from: string; to: string } | undefined {
  const from = momentOf(day);
  const to = momentOf(day, 1);
  return from && to ? { from, to } : undefined;
}

/** The moment of a reading (`days` later), as the API wants it; undefined where it is none. */
export function momentOf(reading: string, days = 0): string | undefined {
  const found = READING.exec(reading);
  if (!found) {
    return undefined;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const at = new TZDateMini(year, month - 1, day, hour, minute, second, ZONE);
  if (at.getMonth() !== month - 1 || at.getDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return undefined; // 31st of February
  }
  at.setDate(day + days);
  return new Date(at.getTime()).toISOString();
}

/** 2019年06月05日 */
export function dayText(day: string | null | undefined): string {
  const [year, month, date] = day?.slice(0, 10).split('-') ?? [];
  return year && month && date ? `${year}年${month}月${date}日` : NONE;
}

export type Parts = Record<'days' | 'hours' | 'minutes', number>;

/** A span of working time in seconds, as whole days of 24 working hours, hours and minutes; the sign is told apart. */
export function parts(seconds: number): Parts {
  const whole = Math.abs(seconds);
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor((whole % 86_400) / 3_600),
    minutes: Math.floor((whole % 3_600) / 60),
  };
}
