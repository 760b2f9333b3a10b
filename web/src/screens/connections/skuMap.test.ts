import { expect, test } from 'vitest';
import { csvOf, factsOf, factsText, faultsOf, keyOf, lineOf, type SkuEntry, withLine, without } from './skuMap';

const entry = (more: Partial<SkuEntry> = {}): SkuEntry => ({
  product_code: 'cmgj1',
  sku: 'basic',
  product_id: 'p-1',
  product: '126001',
  product_name: '小程序',
  edition: null,
  facts: {},
  ...more,
});

test('a line is sent without what is only shown', () => {
  expect(lineOf(entry())).toEqual({ product_code: 'cmgj1', sku: 'basic', product_id: 'p-1', edition: null, facts: {} });
});

test('a line takes the place of the one edited, or comes last', () => {
  const [one, other] = [lineOf(entry()), lineOf(entry({ sku: 'pro' }))];
  const changed = lineOf(entry({ sku: 'max' }));
  expect(withLine([one, other], changed, keyOf(one))).toEqual([changed, other]);
  expect(withLine([one], other)).toEqual([one, other]);
  expect(without([one, other], keyOf(one))).toEqual([other]);
  expect(keyOf({ product_code: 'a', sku: 'b' })).not.toBe(keyOf({ product_code: 'ab', sku: '' }));
});

test('facts are typed line by line', () => {
  expect(factsOf('地域=华北\n\n 规格 = 2=大 ')).toEqual({ 地域: '华北', 规格: '2=大' });
  expect(factsOf('')).toEqual({});
  expect(factsOf('没有等号')).toBeUndefined();
  expect(factsOf('=值')).toBeUndefined();
  expect(factsText({ 地域: '华北', 规格: '大' })).toBe('地域=华北\n规格=大');
});

test('the file has a column for every fact, and quotes what would part cells', () => {
  const file = csvOf([entry({ edition: '标准,版' }), entry({ sku: '', product: null, facts: { 地域: '华"北"' } })]);
  expect(file).toBe(
    '\ufeffproduct_code,sku,product,edition,地域\r\ncmgj1,basic,126001,"标准,版",\r\ncmgj1,,,,"华""北"""\r\n',
  );
  expect(csvOf([])).toBe('\ufeffproduct_code,sku,product,edition\r\n');
});

test('what is wrong with a file is told by its own lines', () => {
  expect(
    faultsOf([
      { field: 'entries.0.product', message: '没有' },
      { field: 'entries.3', message: '列数过多' },
      { field: 'content', message: '缺少列' },
    ]),
  ).toEqual([{ line: 2, column: 'product', message: '没有' }, { line: 5, message: '列数过多' }, { message: '缺少列' }]);
});
