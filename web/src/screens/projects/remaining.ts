/** Working time left at the open node, as the page counts it down between two readings of it. */
import { parts } from '../../app/times';
import type { Limit } from './details';

const DAY = 86_400;

/** Seconds left `passed` milliseconds after the page was read; a clock that stands loses none. */
export function secondsLeft(limit: Limit, passed: number): number | null {
  if (limit.remaining_seconds === null) {
    return null;
  }
  return limit.stands === null ? limit.remaining_seconds - Math.floor(passed / 1_000) : limit.remaining_seconds;
}

/** Whether its time is over. A day off makes nothing undone; a project that rests or is held counts anew. */
export function isLate(limit: { remaining_seconds: number | null; stands: string | null } | null): boolean {
  return limit !== null && (limit.remaining_seconds ?? 0) < 0 && (limit.stands ?? 'day_off') === 'day_off';
}

/** How much of the limit is gone, 0 to 100, and whether little is left (a fifth or less). */
export function gone(limit: Limit, left: number): { percent: number; isShort: boolean } {
  const all = Number(limit.timeout_days) * DAY;
  const share = all > 0 ? 1 - left / all : 1;
  return { percent: Math.round(Math.min(1, Math.max(0, share)) * 100), isShort: share >= 0.8 };
}

/** A span in at most two units, without those that are 0 at its beginning: 12小时, 2天3小时, 5分. */
export function spanOf(seconds: number): [unit: 'spanDays' | 'spanHours' | 'spanMinutes', count: number][] {
  const { days, hours, minutes } = parts(seconds);
  const all: [unit: 'spanDays' | 'spanHours' | 'spanMinutes', count: number][] = [
    ['spanDays', days],
    ['spanHours', hours],
    ['spanMinutes', minutes],
  ];
  const first = all.findIndex(([, count]) => count > 0);
  const shown = (first < 0 ? all.slice(-1) : all.slice(first, first + 2)).filter(
    ([, count], place) => place === 0 || count > 0,
  );
  return shown;
}
