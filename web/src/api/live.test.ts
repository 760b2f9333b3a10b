import { expect, test } from 'vitest';
import { eventReader, isTouched } from './live';

test('events come out whole, however their text is cut', () => {
  const read = eventReader();
  expect(read('retry: 2000\n\nevent: ready\ndata: {}')).toEqual([]);
  expect(read('\n\n: still here\n\nid: 7\nevent: projects\nda')).toEqual([
    { id: undefined, name: 'ready', data: '{}' },
  ]);
  expect(read('ta: {"projects":["a"]}\n\n')).toEqual([{ id: '7', name: 'projects', data: '{"projects":["a"]}' }]);
});

test('lists are read anew after any change, a page only after one of its project', () => {
  const changed = new Set(['a']);
  expect(isTouched(['project-list', { tab: 'running' }, 'first'], changed)).toBe(true);
  expect(isTouched(['project', 'a', false], changed)).toBe(true);
  expect(isTouched(['project', 'b', false], changed)).toBe(false);
  expect(isTouched(['talk', 'notes', 'a', false], changed)).toBe(true);
  expect(isTouched(['me'], changed)).toBe(false);
});
