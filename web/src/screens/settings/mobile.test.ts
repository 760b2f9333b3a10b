import { expect, test } from 'vitest';
import { isMobile, mobileOf } from './mobile';

test.each([
  '138 0000 0000',
  '138-0000-0000',
  '+86 13800000000',
  '13800000000 ',
  '１３８００００００００',
  '0086 13800000000',
])('%s is the number 13800000000', (typed) => {
  expect(mobileOf(typed)).toBe('13800000000');
  expect(isMobile(typed)).toBe(true);
});

test('numbers of elsewhere keep their country', () => {
  expect(mobileOf('+44 7700 900123')).toBe('+447700900123');
  expect(isMobile('+44 7700 900123')).toBe(true);
  expect(isMobile('')).toBe(true);
});

test.each(['12345', '12800000000', '1380000000', '138000000000', '+86 12345', '+1', 'call me'])(
  '%s is no number',
  (typed) => {
    expect(isMobile(typed)).toBe(false);
  },
);
