import { expect, test, vi } from 'vitest';
import { eventReader, heard, isTouched } from './live';

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

test('a stream that falls silent is given up, one that speaks is read on', async () => {
  const cancel = vi.fn(async () => undefined);
  const silent = { read: () => new Promise<never>(() => undefined), cancel };
  await expect(heard(silent, 20)).rejects.toThrow('silent');
  expect(cancel).toHaveBeenCalledOnce();
  const speaking = { read: async () => ({ done: false as const, value: ': here' }), cancel: vi.fn() };
  expect(await heard(speaking, 20)).toEqual({ done: false, value: ': here' });
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(speaking.cancel).not.toHaveBeenCalled();
});
