// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { i18next } from '../../i18n';
import { partsOf, spanText } from './remaining';

test('a span is whole days, hours and minutes', () => {
  expect(partsOf(2 * 86_400 + 3 * 3_600 + 59)).toEqual({ days: 2, hours: 3, minutes: 0 });
  expect(partsOf(-5)).toEqual({ days: 0, hours: 0, minutes: 0 });
});

test.each([
  [200_000, '2天7小时'],
  [86_400, '1天0小时'],
  [3_660, '1小时1分'],
  [59, '0分'],
  [-1, '0分'],
])('%d seconds are said in their greatest units', (seconds, text) => {
  expect(spanText(i18next.getFixedT('zh', 'work'), seconds)).toBe(text);
});
