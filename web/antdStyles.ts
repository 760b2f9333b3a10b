/**
 * antd makes its styles in the browser, with 55 kB of generators. The build makes them instead, and leaves those out: two
 * style sheets of the components in `FIRST` and `LATER`, light and dark by variables, without the classes of `LEFT_OUT`.
 *
 * The build stops where a component is used that stands in neither list, where a page of `SOON` uses one of `LATER`, and
 * where antd is no longer as is assumed here. `npm run dev` and unit tests have none of this: antd makes its styles there.
 */
import { createHash } from 'node:crypto';
import { createCache, extractStyle, StyleProvider } from '@ant-design/cssinjs';
import * as antd from 'antd';
import { type Selector, transform } from 'lightningcss';
import { createElement as element, Fragment } from 'react';
import { renderToString } from 'react-dom/server';
import type { Plugin, Rolldown } from 'vite';
import { DARK, LIGHT } from './src/app/theme.ts';

const { App, Badge, Button, ConfigProvider, Form, Input, Layout, Space, Tag } = antd;
const Message = antd.message._InternalPanelDoNotUseOrYouWillBeFired;
const Confirm = antd.Modal._InternalPanelDoNotUseOrYouWillBeFired;

/** Shown first after signing in: they do with the first sheet, the others wait for both. */
const SOON = ['src/app/Shell.tsx', 'src/screens/home/Work.tsx', 'src/screens/projects/ProjectList.tsx'];

/** What brings the styles of the first sheet, in its order: what is made of others comes after them. */
const FIRST = element(
  Fragment,
  null,
  element(Layout, null, element(Layout.Sider)),
  element(antd.Flex),
  element(antd.Spin),
  element(antd.Skeleton),
  element(antd.Empty),
  element(antd.Alert),
  element(Message),
  element(antd.Space, null, '·'),
  element(Button, null, '·'),
  element(Space.Compact, null, element(Button, null, '·')),
  element(antd.Tooltip, { title: '·' }, element('i')),
  element(antd.Popover, { content: '·' }, element('i')),
  element(antd.Menu, { items: [] }),
  element(antd.Dropdown, { menu: { items: [] } }, element('i')),
  element(Badge, { count: 1 }),
  element(antd.Breadcrumb, { items: [] }),
  element(Tag, { color: 'blue' }),
  element(Tag, { color: 'success' }),
  element(antd.Row, null, element(antd.Col)),
  element(antd.Divider),
  element(Space.Addon, null, '·'),
  element(Input),
  element(Input.TextArea),
  element(antd.Select),
  element(antd.Checkbox),
  element(antd.Segmented, { options: [] }),
  element(antd.Modal),
  element(Confirm, { type: 'confirm' }),
  element(antd.Tabs, { items: [] }),
  element(antd.Table),
);
const LATER = element(
  Fragment,
  null,
  element(antd.InputNumber),
  element(antd.Mentions),
  element(antd.Radio),
  element(antd.Switch),
  element(antd.DatePicker),
  element(Form, { layout: 'vertical' }, element(Form.Item, { label: '·' })),
  element(antd.Drawer),
  element(antd.Progress),
  element(antd.Steps, { items: [] }),
  element(antd.Descriptions),
  element(antd.Tree, { treeData: [] }),
);
/** What comes along with those above and is never shown. */
const UNSHOWN = new Set(['Badge-Ribbon']);

/**
 * Classes that nothing in the console has, whose rules are left out: of languages written from the right, of columns that
 * follow the window's width, of colours no tag or button has. e2e/showing.mjs looks for them on every screen.
 */
const LEFT_OUT = [
  /-rtl$/,
  /^ant-col-(xs|sm|md|lg|xl|xxl|xxxl)-/,
  /^ant-(btn-color|tag)-(magenta|pink|volcano|yellow|lime|gold|geekblue|cyan|purple)$/,
];

/** The class that carries antd's variables. */
const KEY = 'of-antd';

interface Drawn {
  rules: string;
  /** Settings of variables by the selector they are for. */
  variables: Map<string, string[]>;
  /** The styles it is made of, as antd's modules name them: `Input-TextArea`. */
  names: ReadonlySet<string>;
}

/** The two sheets in one theme. */
function drawn(theme: antd.ThemeConfig): Drawn[] {
  const cache = createCache();
  const styled = { ...theme, hashed: false, cssVar: { key: KEY } };
  return [FIRST, LATER].map((shown) => {
    const before = new Set(cache.cache.keys());
    const app = element(ConfigProvider, { theme: styled }, element(App, null, shown));
    renderToString(element(StyleProvider, { cache }, app));
    const extracted = (types: ('style' | 'token' | 'cssVar')[]) =>
      extractStyle(cache, { plain: true, once: true, types }).replace(/\.data-ant-cssinjs-cache-path\{[^}]*\}$/, '');
    const settings = [...extracted(['token', 'cssVar']).matchAll(/([^{}]+)\{([^{}]*)\}/g)];
    const names = [...cache.cache.keys()].filter((key) => !before.has(key));
    return {
      rules: extracted(['style']),
      variables: new Map(settings.map(([, selector = '', body = '']) => [selector, body.split(';').filter(Boolean)])),
      names: new Set(names.flatMap((key) => /^style%%(\w+-[\w-]+)%/.exec(key)?.[1] ?? [])),
    };
  });
}

/** Settings of variables as CSS: those that are `used`, and of `known` ones only what differs. */
function set({ variables }: Drawn, used: ReadonlySet<string>, known?: Drawn, under = ''): string {
  return [...variables]
    .filter(([selector]) => selector.startsWith(`.${KEY}`))
    .map(([selector, all]) => {
      const isNew = (line: string) => !known?.variables.get(selector)?.includes(line);
      const lines = all.filter((line) => used.has(line.slice(0, line.indexOf(':'))) && isNew(line));
      return lines.length > 0 ? `${under}${selector}{${lines.join(';')}}` : '';
    })
    .join('');
}

/** `css` as it is sent: small, and without what has a class of `LEFT_OUT`. */
function cut(css: string, met: Set<RegExp>): string {
  const isLeftOut = (selector: Selector) =>
    selector.some((part) => LEFT_OUT.some((known) => part.type === 'class' && known.test(part.name) && met.add(known)));
  const Selector = (selector: Selector) => (isLeftOut(selector) ? [] : undefined);
  return transform({
    filename: 'antd.css',
    code: Buffer.from(css),
    minify: true,
    visitor: { Selector },
  }).code.toString();
}

interface Sheet {
  path: string;
  source: string;
  names: ReadonlySet<string>;
}

function sheetsOf(light: Drawn[], dark: Drawn[], still: Drawn[]): Sheet[] {
  const all = light.map(({ rules, variables }) => rules + [...variables.values()].flat().join(';')).join('');
  const used = new Set([...all.matchAll(/var\((--[\w-]+)/g)].map(([, name = '']) => name));
  const met = new Set<RegExp>();
  const sheets = light.map((lit, at) => {
    const [darkened, stilled] = [dark[at], still[at]];
    if (!darkened || !stilled || darkened.rules !== lit.rules || stilled.rules !== lit.rules) {
      throw new Error('antd has rules of one theme only: variables are not enough for all');
    }
    const settings = [
      set(lit, used),
      set(darkened, used, lit, ':where([data-theme=dark]) '),
      `@media (prefers-reduced-motion:reduce){${set(stilled, used, lit)}}`,
    ];
    const source = cut(settings.join('') + lit.rules, met);
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
    return { path: `assets/antd-${at}-${hash}.css`, source, names: lit.names };
  });
  const gone = LEFT_OUT.filter((known) => !met.has(known));
  if (gone.length > 0) {
    throw new Error(`antd has no class any more that is ${gone.join(' or ')}`);
  }
  return sheets;
}

/** What components read of a theme themselves: all but the palettes, which only styles are made of. */
function values(theme: antd.ThemeConfig): [name: string, value: unknown][] {
  const isRead = (name: string) => name !== 'motion' && !/^[a-z]+-?\d+$/.test(name);
  return Object.entries(antd.theme.getDesignToken(theme)).filter(([name]) => isRead(name));
}

/** `src/app/theme.ts` without what makes a theme: sizes and colours as they came out. */
function themes(): string {
  const light = Object.fromEntries(values(LIGHT));
  const dark = Object.fromEntries(values(DARK).filter(([name, value]) => light[name] !== value));
  return `
    const motion = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    const token = { ...${JSON.stringify(light)}, motion };
    export const LIGHT = { token, hashed: false, cssVar: { key: '${KEY}' }, zeroRuntime: true };
    export const DARK = { ...LIGHT, token: { ...token, ...${JSON.stringify(dark)} } };`;
}

/** Modules in the place of which stands less. */
const REPLACED: readonly [module: RegExp, code: () => string][] = [
  [/\/src\/app\/theme\.ts$/, themes],
  [
    /antd\/es\/theme\/index\.js$/,
    () => `import use from './useToken'; export default { useToken: () => ({ token: use()[1], hashId: '' }) };`,
  ],
  [/antd\/es\/theme\/themes\/default\/theme\.js$/, () => 'export default undefined;'],
  [/antd\/es\/theme\/util\/useResetIconStyle\.js$/, () => 'export default () => undefined;'],
];

/** What makes the hooks of styles, and what such a hook is where there are sheets. */
const MAKERS: ReadonlyMap<string, string> = new Map([
  ['genStyleHooks', `(() => ['', '${KEY}'])`],
  ['genComponentStyleHook', `(() => '')`],
  ['genSubStyleComponent', '(() => null)'],
]);
const USE_TOKEN = `function useToken() {
  const { token } = React.useContext(DesignTokenContext);
  return [undefined, token, '', token, { prefix: 'ant', key: '${KEY}' }, true];
}`;

/** A part of a module's syntax tree. */
interface Part {
  type: string;
  start: number;
  end: number;
  callee?: { name?: string };
  id?: { name?: string };
}

function* parts(tree: unknown): Generator<Part> {
  if (typeof tree === 'object' && tree !== null) {
    if ('type' in tree && 'start' in tree) {
      yield tree as Part;
    }
    for (const one of Object.values(tree)) {
      yield* parts(one);
    }
  }
}

/** What stands in the place of a part of antd's module `id`; undefined where it stays. */
function insteadOf(part: Part, id: string): string | undefined {
  if (part.type === 'CallExpression') {
    const name = part.callee?.name ?? '';
    return name === 'genStyleUtils' && id.endsWith('/theme/util/genStyleUtils.js') ? '{}' : MAKERS.get(name);
  }
  const isHook = part.type === 'FunctionDeclaration' && part.id?.name === 'useToken';
  return isHook && id.endsWith('/theme/useToken.js') ? USE_TOKEN : undefined;
}

/** The styles that are used in the files loaded for the modules whose ids end so; by `named` those of each module. */
function usedBy(
  ends: readonly string[],
  bundle: Rolldown.OutputBundle,
  named: ReadonlyMap<string, string[]>,
): string[] {
  const chunks = new Map(Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])));
  const isOf = (id: string | null) => ends.some((end) => id?.endsWith(end));
  const files = new Set([...chunks.values()].filter((one) => isOf(one.facadeModuleId)).map((one) => one.fileName));
  for (const file of files) {
    for (const imported of chunks.get(file)?.imports ?? []) {
      files.add(imported);
    }
  }
  const ids = [...files].flatMap((file) => chunks.get(file)?.moduleIds ?? []);
  return ids.flatMap((id) => named.get(id) ?? []).filter((name) => !UNSHOWN.has(name));
}

export function antdStyles(): Plugin {
  let sheets: Sheet[] = [];
  const named = new Map<string, string[]>();
  const changed = new Set<string>();
  return {
    name: 'antd-styles',
    apply: 'build',
    enforce: 'pre',
    config() {
      sheets = sheetsOf(drawn(LIGHT), drawn(DARK), drawn({ ...LIGHT, token: { ...LIGHT.token, motion: false } }));
      const paths = sheets.map(({ path }) => `/${path}`).join(' ');
      return { define: { 'import.meta.env.ANTD_SHEETS': JSON.stringify(paths) } };
    },
    load: {
      filter: { id: REPLACED.map(([module]) => module) },
      handler(id) {
        changed.add(id);
        return REPLACED.find(([module]) => module.test(id))?.[1]();
      },
    },
    transform: {
      filter: { id: /antd\/es\/.*\.js$/, code: /\b(gen(Style|ComponentStyle|SubStyle)\w+\(|function useToken\()/ },
      handler(code, id) {
        let text = code;
        const names: string[] = [];
        for (const part of [...parts(this.parse(code))].sort((one, other) => other.start - one.start)) {
          const instead = insteadOf(part, id);
          if (instead !== undefined) {
            const called = /^\w+\(\[?'(\w+)'(?:, '([\w-]+)')?/.exec(code.slice(part.start, part.end));
            names.push(...(called ? [`${called[1]}-${called[2] ?? called[1]}`] : []));
            text = text.slice(0, part.start) + instead + text.slice(part.end);
            changed.add(id);
          }
        }
        named.set(id, names);
        return { code: text, map: null };
      },
    },
    generateBundle(_, bundle) {
      const ends = ['/theme/useToken.js', '/theme/util/genStyleUtils.js', ...REPLACED.map(([{ source }]) => source)];
      const kept = ends.filter((end) => ![...changed].some((id) => id.endsWith(end) || new RegExp(end).test(id)));
      if (kept.length > 0) {
        this.error(`antd's modules are no longer as antdStyles.ts assumes: ${kept.join()}`);
      }
      const [first = new Set<string>(), later = first] = sheets.map(({ names }) => names);
      const lacking = [
        ...usedBy([''], bundle, named).filter((name) => !first.has(name) && !later.has(name)),
        ...usedBy(SOON, bundle, named).filter((name) => !first.has(name)),
      ];
      if (lacking.length > 0) {
        this.error(`FIRST or LATER of antdStyles.ts lacks ${[...new Set(lacking)].join()}`);
      }
      for (const { path, source } of sheets) {
        this.emitFile({ type: 'asset', fileName: path, source });
      }
      const told = { sheets: sheets.map(({ path }) => path), leftOut: LEFT_OUT.map(({ source }) => source) };
      this.emitFile({ type: 'asset', fileName: '.vite/antd.json', source: JSON.stringify(told) });
    },
  };
}
