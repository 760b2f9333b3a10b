import { expect, test } from 'vitest';
import { validatorOf } from './formValidator';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['company', 'columns'],
  properties: {
    company: { title: '公司名称', type: 'string', minLength: 1, maxLength: 5 },
    columns: { title: '网站栏目', type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    date: { type: 'string', format: 'date' },
    mobile: { title: '联系电话', type: 'string', pattern: '^[0-9]+$' },
  },
} as const;
const validator = validatorOf((keyword, format) => `!${keyword}${format ? ` ${format}` : ''}`);
const errors = (data: object) =>
  validator.validateFormData(data, SCHEMA as never).errors.map(({ property, message }) => [property, message]);

test('a missing field is said at the field', () => {
  expect(errors({ columns: ['a'] })).toEqual([['.company', '!required']]);
});

test('each breach is said once, at its place', () => {
  expect(errors({ company: 'too long', columns: ['a', ''], date: 'soon' })).toEqual([
    ['.company', '!maxLength'],
    ['.columns.1', '!minLength'],
    ['.date', '!format date'],
  ]);
  expect(validator.validateFormData({ company: 'too long', columns: ['a'] }, SCHEMA as never).errorSchema).toEqual({
    company: { __errors: ['!maxLength'] },
  });
});

test('a form that keeps the rules passes', () => {
  expect(errors({ company: '河北', columns: ['首页'], date: '2026-11-23' })).toEqual([]);
  expect(validator.isValid(SCHEMA as never, { company: '河北', columns: ['首页'] }, SCHEMA as never)).toBe(true);
  expect(validator.isValid(SCHEMA as never, {}, SCHEMA as never)).toBe(false);
});

test('an item added and left empty is missing, not of the wrong form', () => {
  expect(errors({ company: '河北', columns: [undefined] })).toEqual([['.columns.0', '!required']]);
  expect(errors({ company: '河北', columns: [1] })).toEqual([['.columns.0', '!type']]);
});

test('a phone number of the wrong form is told as one', () => {
  expect(errors({ company: '河北', columns: ['a'], mobile: 'call me' })).toEqual([['.mobile', '!pattern phone']]);
});

test('what is no number is told as none', () => {
  const schema = { type: 'object', properties: { pages: { type: 'integer' }, price: { type: 'number' } } } as never;
  const found = validator.validateFormData({ pages: 1.5, price: 'much' }, schema).errors;
  expect(found.map(({ message }) => message)).toEqual(['!type integer', '!type number']);
});
