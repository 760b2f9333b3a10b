import { expect, test } from 'vitest';
import { nameOf } from './download';

test.each([
  ["attachment; filename*=UTF-8''%E9%A1%B9%E7%9B%AE.xlsx", '项目.xlsx'],
  ['attachment; filename="list.csv"', 'list.csv'],
  ["attachment; filename=x.xlsx; filename*=UTF-8''y.xlsx", 'y.xlsx'],
  [null, undefined],
])('%s names %s', (header, name) => {
  expect(nameOf(header)).toBe(name);
});
