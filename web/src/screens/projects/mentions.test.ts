import { expect, test } from 'vitest';
import { mentioned, named, namesIn } from './mentions';

const LI = { user_id: 'li', name: '李四' };
const LI_LONG = { user_id: 'li-long', name: '李四光' };

test('those are mentioned who were chosen and whose name still stands there, each once', () => {
  expect(mentioned('@李四 请看', [LI, LI, { user_id: 'w', name: '王五' }])).toEqual(['li']);
  expect(mentioned('请看', [LI])).toEqual([]);
  expect(mentioned('@李四 请看', [])).toEqual([]);
});

test('two of one name are told apart', () => {
  const [one, other] = named([LI, { user_id: 'li-2', name: '李四' }]);
  expect([one?.name, other?.name]).toEqual(['李四', '李四(2)']);
  expect(mentioned('@李四(2) 请看', other ? [other] : [])).toEqual(['li-2']);
});

test('names are marked, the longest that fits, and nothing is lost of the text', () => {
  const text = '请 @李四光 和@李四看，@王五不用';
  const parts = namesIn(text, ['李四', LI_LONG.name, '--', '']);
  expect(parts.filter(({ isName }) => isName).map(({ part }) => part)).toEqual(['@李四光', '@李四']);
  expect(parts.map(({ part }) => part).join('')).toBe(text);
});
