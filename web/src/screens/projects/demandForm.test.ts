// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { fieldsOf, valueText } from './demandForm';

test('fields come in the order of the form, with its titles; others last, by name', () => {
  const form = [
    { name: 'company', title: '公司名称' },
    { name: 'date', title: '日期' },
    { name: 'columns', title: '网站栏目' },
  ];
  expect(fieldsOf(form, { old: 'x', columns: ['首页'], company: '河北' })).toEqual([
    { name: 'company', title: '公司名称' },
    { name: 'columns', title: '网站栏目' },
    { name: 'old', title: 'old' },
  ]);
});

test('values are texts', () => {
  expect(valueText(['首页', '产品'])).toBe('首页、产品');
  expect(valueText('')).toBe('--');
  expect(valueText({ a: 1, b: [2, 3] })).toBe('a: 1；b: 2、3');
});
