import { expect, test } from 'vitest';
import { chances, isSame, isValid, type Share } from './shares';

const share = (provider_id: string, weight: number | null, maximum: number | null = 1000): Share => ({
  provider_id,
  name: provider_id,
  weight,
  maximum,
});

test('P-30: the chance is the weight by the sum of the weights', () => {
  expect(chances([share('a', 20), share('b', 30)])).toEqual(
    new Map([
      ['a', '40%'],
      ['b', '60%'],
    ]),
  );
  expect(chances([share('a', 1), share('b', 2)])?.get('a')).toBe('33.3%');
  expect(chances([])).toEqual(new Map());
});

test('without valid weights there are no chances', () => {
  expect(chances([share('a', null), share('b', 30)])).toBeUndefined();
  expect(chances([share('a', 0)])).toBeUndefined();
});

test('P-22, P-23: integers within their ranges', () => {
  for (const [weight, maximum, valid] of [
    [1, 0, true],
    [100, 2000, true],
    [0, 10, false],
    [101, 10, false],
    [10.5, 10, false],
    [10, -1, false],
    [10, 2001, false],
    [10, 1.5, false],
    [10, null, false],
  ] as const) {
    expect([weight, maximum, isValid(share('a', weight, maximum))]).toEqual([weight, maximum, valid]);
  }
});

test('the order of rows is no change, their values are', () => {
  expect(isSame([share('a', 1), share('b', 2)], [share('b', 2), share('a', 1)])).toBe(true);
  expect(isSame([share('a', 1)], [share('a', 2)])).toBe(false);
  expect(isSame([share('a', 1)], [])).toBe(false);
});
