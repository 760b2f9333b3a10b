// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { i18next, ready } from '.';

const areas = Object.keys(import.meta.glob('./zh/*.ts')).map((path) => path.slice('./zh/'.length, -'.ts'.length));

await ready;
await i18next.changeLanguage('en');
await i18next.loadNamespaces(areas);

/** Every text by its path. */
function texts(tree: object, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${name}`, value]] : texts(value, `${path}${name}.`),
  );
}

const variables = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((found) => found[1]).sort();

test.each(areas)('both languages of %s say the same things', (area) => {
  const zh = texts(i18next.getResourceBundle('zh', area) as object);
  const en = new Map(texts(i18next.getResourceBundle('en', area) as object));
  expect([...en.keys()].sort()).toEqual(zh.map(([path]) => path).sort());
  for (const [path, text] of zh) {
    expect([path, variables(en.get(path) ?? '')]).toEqual([path, variables(text)]);
    expect(text.trim()).not.toBe('');
  }
});

test('C-48: one thing has one word', () => {
  const others = ['站内消息', '业务编号', '商品编码', '产品编码', '项目编号'];
  const files = Object.entries(import.meta.glob('./zh/*.ts', { eager: true, import: 'default' }));
  expect(files.length).toBeGreaterThan(5);
  for (const [file, words] of files) {
    const said = JSON.stringify(words);
    expect(
      others.filter((one) => said.includes(one)),
      file,
    ).toEqual([]);
  }
});

test('lists tell their total as the manual prints it', () => {
  expect(i18next.t('list.total', { count: 2, lng: 'zh' })).toBe('一共有 2 条');
  expect(i18next.t('list.total', { count: 1, lng: 'en' })).toBe('1 in total');
});

test('who takes a text of another area has asked for that area', () => {
  const sources = import.meta.glob('../**/*.tsx', { eager: true, query: '?raw', import: 'default' });
  const taken = Object.entries(sources as Record<string, string>).flatMap(([file, source]) =>
    [...source.matchAll(/ns: '(\w+)'/g)]
      .map(([, area]) => area ?? '')
      .filter((area) => !['app', 'session'].includes(area))
      .map((area) => ({ file, area, asked: new RegExp(`useTranslation\\([^)]*'${area}'`).test(source) })),
  );
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.filter(({ asked }) => !asked)).toEqual([]);
});
