/** Times as the manual prints them, in the platform's time zone (Asia/Shanghai, without summer time). */
import dayjs, { type Dayjs } from 'dayjs';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
const SHANGHAI_MINUTES = 8 * 60;

/** 2019-10-17 17:04 */
export function minuteText(iso: string | null | undefined): string {
  return iso ? dayjs.utc(iso).utcOffset(SHANGHAI_MINUTES).format('YYYY-MM-DD HH:mm') : '--';
}

/** 2019-10-23 18:18:32 */
export function secondText(iso: string | null | undefined): string {
  return iso ? dayjs.utc(iso).utcOffset(SHANGHAI_MINUTES).format('YYYY-MM-DD HH:mm:ss') : '--';
}

/** The first moment of a day chosen in a calendar, and the first moment after it, as the API wants them. */
export function dayBounds(day: string | Dayjs): { from: string; to: string } {
  const start = dayjs.utc(dayjs(day).format('YYYY-MM-DD')).utcOffset(SHANGHAI_MINUTES, true);
  return { from: start.toISOString(), to: start.add(1, 'day').toISOString() };
}

/** A moment typed in the platform's time zone (2026-11-23T10:00 or with seconds), as the API wants it. */
export function momentOf(typed: string): string | undefined {
  const moment = dayjs.utc(typed).utcOffset(SHANGHAI_MINUTES, true);
  return typed && moment.isValid() ? moment.toISOString() : undefined;
}

/** 2019年06月05日 */
export function dayText(day: string | null | undefined): string {
  return day ? dayjs.utc(day).format('YYYY年MM月DD日') : '--';
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
