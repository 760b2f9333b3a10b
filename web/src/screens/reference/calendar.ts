/** The days of a year as the calendar shows them: working days, weekends, holidays, make-up days (H-03 … H-05). */
import type { Schema } from '../../api';

export type Year = Schema<'TemplateHolidayYearEntry'>;

export interface Day {
  /** 2026-10-01 */
  date: string;
  day: number;
  kind: 'workday' | 'weekend' | 'holiday' | 'make-up';
  /** The holiday it belongs to. */
  name: string | undefined;
}

const DAY_MS = 86_400_000;
const iso = (moment: number) => new Date(moment).toISOString().slice(0, 10);

/** Twelve months in weeks from Monday; empty places are null. */
export function monthsOf({ year, holidays }: Pick<Year, 'year' | 'holidays'>): (Day | null)[][][] {
  const off = new Map<string, string>();
  const worked = new Map<string, string>();
  for (const holiday of holidays) {
    for (let moment = Date.parse(holiday.first); moment <= Date.parse(holiday.last); moment += DAY_MS) {
      off.set(iso(moment), holiday.name);
    }
    for (const date of holiday.make_up_days) {
      worked.set(date, holiday.name);
    }
  }
  return Array.from({ length: 12 }, (_, month) => weeksOf(year, month, off, worked));
}

function weeksOf(year: number, month: number, off: Map<string, string>, worked: Map<string, string>) {
  const first = Date.UTC(year, month, 1);
  const count = (Date.UTC(year, month + 1, 1) - first) / DAY_MS;
  const days: (Day | null)[] = new Array((new Date(first).getUTCDay() + 6) % 7).fill(null);
  for (let day = 1; day <= count; day++) {
    const date = iso(Date.UTC(year, month, day));
    const isWeekend = days.length % 7 >= 5;
    let kind: Day['kind'] = isWeekend ? 'weekend' : 'workday';
    if (worked.has(date)) {
      kind = 'make-up';
    } else if (off.has(date)) {
      kind = 'holiday';
    }
    days.push({ date, day, kind, name: worked.get(date) ?? off.get(date) });
  }
  while (days.length % 7 > 0) {
    days.push(null);
  }
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}
