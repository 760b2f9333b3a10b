import { expect, test } from 'vitest';
import { type Day, monthsOf } from './calendar';

const YEAR = {
  year: 2026,
  holidays: [
    { name: '国庆节', first: '2026-10-01', last: '2026-10-07', days: 7, make_up_days: ['2026-09-20', '2026-10-10'] },
  ],
};
const months = monthsOf(YEAR);
const find = (date: string): Day | undefined =>
  months.flat(2).find((day): day is Day => day !== null && day.date === date);

test('a year has all its days, each in the column of its weekday', () => {
  expect(months.flat(2).filter((day) => day !== null)).toHaveLength(365);
  expect(months[9]?.[0]?.map((day) => day?.day ?? null)).toEqual([null, null, null, 1, 2, 3, 4]);
  expect(
    monthsOf({ year: 2024, holidays: [] })
      .flat(2)
      .filter((day) => day !== null),
  ).toHaveLength(366);
});

test('holidays are off, make-up days are worked, other weekends are off (H-04, H-05)', () => {
  expect(find('2026-10-01')).toMatchObject({ kind: 'holiday', name: '国庆节' });
  expect(find('2026-10-07')?.kind).toBe('holiday');
  expect(find('2026-10-08')?.kind).toBe('workday');
  expect(find('2026-09-20')).toMatchObject({ kind: 'make-up', name: '国庆节' });
  expect(find('2026-10-11')?.kind).toBe('weekend');
});
