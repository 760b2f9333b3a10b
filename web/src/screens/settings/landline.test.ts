import { expect, test } from 'vitest';
import { isLandline, joinLandline, splitLandline } from './landline';

test.each(['0451-57028123-0987', '1111-1121313', '57028123'])('%s survives being split and joined', (text) => {
  expect(joinLandline(splitLandline(text))).toBe(text);
});

test('without extension there is no dash at the end', () => {
  expect(joinLandline({ area: '1111', number: '1121313', extension: ' ' })).toBe('1111-1121313');
});

test.each([
  [{}, true],
  [{ number: '57028123' }, true],
  [{ area: '0451', number: '57028123', extension: '0987' }, true],
  [{ area: '0451' }, false],
  [{ number: '57028123', extension: '1' }, false],
  [{ area: '0451', number: '5702x' }, false],
])('%o: %s', (parts, is) => {
  expect(isLandline(parts)).toBe(is);
});
