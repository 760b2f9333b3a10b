import { expect, test } from 'vitest';
import { screens } from './index';

/** Code → its text. */
const sources = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const COMES_WITH_THE_CONSOLE = ['app', 'session'];
const IMPORTED = /^(?:import|export)\s(?!type\b)[^;]*?from '(\.[^']+)';/gms;

test('with the code of every screen come the texts of that code, and no others', () => {
  const told = screens.map(({ path, load, texts }) => [path, moduleOf(load), texts.toSorted()]);

  expect(told).toEqual(screens.map(({ path, load }) => [path, moduleOf(load), usedBy(moduleOf(load)).toSorted()]));
});

/** What `() => import(…)` imports, as the keys of `sources` name it. */
function moduleOf(load: () => unknown): string {
  const found = /"\/src\/([^"]+)"/.exec(String(load))?.[1];
  return `../${found}`;
}

/** The areas of texts that a module, or whatever comes with it, asks for. */
function usedBy(module: string): string[] {
  const areas = new Set<string>();
  const seen = new Set([module]);
  for (const name of seen) {
    const text = name.startsWith('../i18n/') ? '' : (sources[name] ?? '');
    for (const [, area = ''] of text.matchAll(/(?:useTranslation\(|\bns: )'(\w+)'/g)) {
      areas.add(area);
    }
    for (const [, from = ''] of text.matchAll(IMPORTED)) {
      const next = found(new URL(from, `file:///src/${name.slice('../'.length)}`).pathname.replace('/src/', '../'));
      if (next !== undefined) {
        seen.add(next);
      }
    }
  }
  return [...areas].filter((area) => !COMES_WITH_THE_CONSOLE.includes(area));
}

function found(name: string): string | undefined {
  return ['', '.ts', '.tsx', '/index.ts'].map((end) => name + end).find((one) => one in sources);
}
