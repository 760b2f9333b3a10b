import { expect, test } from 'vitest';
import { bySaturation } from './fullest';

const row = (provider_id: string, percent: string | null) => ({ product_id: 'p', provider_id, percent }) as never;

test('C-29: the fullest stands first, as it is now; without a maximum last', () => {
  const then = [row('a', '10.0'), row('b', '90.0'), row('c', null)];
  const now = [row('a', '95.5'), row('b', '90.0'), row('d', '20.0')];
  const order = bySaturation(then, now).map((one) => (one as { provider_id: string }).provider_id);
  expect(order).toEqual(['a', 'b', 'd', 'c']);
});
