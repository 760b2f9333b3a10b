import { expect, test } from 'vitest';
import { moved, optionsOf, type Parameter, withParameter } from './parameters';

const named = (key: string, label = key): Parameter => ({
  key,
  label,
  type: 'text',
  required: false,
  searchable: false,
  options: [],
});
const keys = (all: Parameter[]) => all.map(({ key }) => key).join('');
const three = ['a', 'b', 'c'].map((key) => named(key));

test('options stand one a line, each once', () => {
  expect(optionsOf(' 华北 \n\n华东\n')).toEqual(['华北', '华东']);
  expect(optionsOf('')).toEqual([]);
  expect(optionsOf('a\n a')).toBeUndefined();
});

test('a changed one keeps its place, a new one comes last', () => {
  expect(keys(withParameter(three, named('x'), 'b'))).toBe('axc');
  expect(keys(withParameter(three, named('x')))).toBe('abcx');
});

test('one moves within the others', () => {
  expect(keys(moved(three, 'b', -1))).toBe('bac');
  expect(keys(moved(three, 'b', 1))).toBe('acb');
  expect(keys(moved(three, 'a', -1))).toBe('abc');
  expect(keys(moved(three, 'c', 1))).toBe('abc');
});
