// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { copied } from './copy';

test('without a clipboard the text is copied from a field, which is gone afterwards', async () => {
  vi.stubGlobal('navigator', {});
  let selected = '';
  document.execCommand = () => {
    selected = document.querySelector('textarea')?.value ?? '';
    return true;
  };
  expect(await copied('账号：a\n密码：b')).toBe(true);
  expect(selected).toBe('账号：a\n密码：b');
  expect(document.querySelector('textarea')).toBeNull();
});

test('where neither works it is said', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } });
  document.execCommand = () => false;
  expect(await copied('a')).toBe(false);
});
