import { expect, test } from 'vitest';
import { ApiError } from '../api/problem';
import { askedFor, codeOf, inFours, isCode } from './secondFactor';

const refused = (slug: string) => new ApiError(401, slug, { zh: '', en: '' });

test('the server says what it wants beside the password', () => {
  expect(askedFor(refused('second-factor-missing'))).toBe('code');
  expect(askedFor(refused('second-factor-demanded'))).toBe('setup');
  expect(askedFor(refused('second-factor-wrong'))).toBeUndefined();
  expect(askedFor(new TypeError('x'))).toBeUndefined();
});

test('a code is six digits, however typed', () => {
  expect([codeOf(' 123 456 '), codeOf('１２３４５６')]).toEqual(['123456', '123456']);
  expect([isCode('123 456'), isCode('12345'), isCode('1234567'), isCode('')]).toEqual([true, false, false, false]);
});

test('a secret is shown in groups of four', () => {
  expect(inFours('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
});
