import { expect, test } from 'vitest';
import { marketplacesOf } from './marketplaces';

const known = { '': '本市场', huawei: '华为云' };
const shop = (id: string, label: string) => ({ value: `generic:${id}`, label });

test('the home marketplace comes first, shops come last', () => {
  const options = marketplacesOf(known, [shop('1-2', '甲店')]);
  expect(options.map((one) => one.value)).toEqual(['', 'huawei', 'generic:1-2']);
  expect(options.map((one) => one.label)).toEqual(['本市场', '华为云', '甲店']);
});

test('shops of one name are told apart', () => {
  const shops = [shop('0c5be3f0-1', '商城'), shop('1d5be3f0-1', '商城'), shop('2e5be3f0-1', '别的')];
  expect(marketplacesOf({}, shops).map((one) => one.label)).toEqual(['商城 · 0c5be3f0', '商城 · 1d5be3f0', '别的']);
});
