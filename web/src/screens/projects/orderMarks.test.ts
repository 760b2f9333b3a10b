import { expect, test } from 'vitest';
import { MARK_COLOURS, marksOf } from './orderMarks';

const SOLD = { trial: false, test: false, holds: [], refund: null };

test('an order that is a sale and nothing else has no marks', () => {
  expect(marksOf(SOLD)).toEqual([]);
  expect(marksOf({ ...SOLD, refund: false })).toEqual([]);
});

test('every mark is shown, whatever the marketplace said first', () => {
  const all = marksOf({ trial: true, test: true, holds: ['expired', 'frozen'], refund: true });
  expect(all).toEqual(['trial', 'test', 'frozen', 'expired', 'refunded']);
  expect(Object.keys(MARK_COLOURS)).toEqual(all);
});
