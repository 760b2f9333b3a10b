import { expect, test } from 'vitest';
import { linksIn } from './links';

const links = (text: string) => linksIn(text).flatMap(({ href }) => (href ? [href] : []));

test('addresses end where the sentence goes on, in Chinese too', () => {
  expect(links('请看https://example.com/a?b=1。谢谢')).toEqual(['https://example.com/a?b=1']);
  expect(links('(see http://example.com/x).')).toEqual(['http://example.com/x']);
  expect(links('https://a.cn/1，https://b.cn/2')).toEqual(['https://a.cn/1', 'https://b.cn/2']);
});

test('nothing of the text is lost, and nothing else becomes a link', () => {
  const text = 'javascript:alert(1) ftp://x 看 http://a.cn/ 完';
  expect(links(text)).toEqual(['http://a.cn/']);
  expect(
    linksIn(text)
      .map(({ part }) => part)
      .join(''),
  ).toBe(text);
  expect(linksIn('')).toEqual([]);
});
