import { expect, test } from 'vitest';
import { parameterText } from './parameterText';

test.each([
  ['boolean', 'true', '是', 'Yes'],
  ['boolean', 'false', '否', 'No'],
  ['boolean', 'maybe', 'maybe', 'maybe'],
  ['date', '2026-11-30', '2026年11月30日', 'November 30, 2026'],
  ['date', '0001-01-01', '1年1月1日', 'January 1, 1'],
  ['date', 'tomorrow', 'tomorrow', 'tomorrow'],
  ['integer', '1234567', '1,234,567', '1,234,567'],
  ['integer', '123456789012345678901', '123,456,789,012,345,678,901', '123,456,789,012,345,678,901'],
  ['number', '-1234.50', '-1,234.50', '-1,234.50'],
  ['number', 'many', 'many', 'many'],
  ['choice', 'true', 'true', 'true'],
  ['text', '2026-11-30', '2026-11-30', '2026-11-30'],
])('a %s %s', (type, value, zh, en) => {
  expect(parameterText(type, value, 'zh')).toBe(zh);
  expect(parameterText(type, value, 'en')).toBe(en);
});
