import { expect, test } from 'vitest';
import { plainDigits } from './digits';

test('C-58: full-width digits are digits', () => {
  expect([plainDigits('１０'), plainDigits('１．５'), plainDigits('1。5'), plainDigits(' 20 ')]).toEqual([
    '10',
    '1.5',
    '1.5',
    '20',
  ]);
});
