import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { antdStyles } from './antdStyles.ts';

// The gateway puts a fresh nonce in place of this text every time it serves index.html (Content-Security-Policy).
const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/** Files beside the one that imports them, or folders with an index. */
const files = (names: string, end = '') => new RegExp(`/(${names})${end}(/index)?\\.js$`);

/**
 * What libraries bring and the console never uses. Of rjsf: the validator that needs `eval` (the console brings another),
 * Markdown in descriptions, schemas named by addresses or of circles, fields laid out by hand, and all looks that
 * `schemaParts` has or no schema asks for. Of the validator: formats, which are the server's own. Of antd's table (see
 * `DataTable`): menus of filters, which bring a tree, ticks that follow a tree, pages of its own, radio buttons beside
 * rows. Of antd: dialogs that wait for what they show, notifications at a corner, fields of single letters, progress that
 * is no line, tags to tick, buttons of two parts. Each is named by who imports it.
 */
const UNUSED: readonly [from: RegExp, part: RegExp][] = [
  [/@rjsf\//, /^@rjsf\/validator-ajv8$/],
  [/@rjsf\/core\//, /^markdown-to-jsx/],
  [/@rjsf\/utils\/lib\/findSchemaDefinition\.js$/, /^fast-uri$/],
  [/@rjsf\/core\/lib\/components\/fields\/index\.js$/, /\/(Layout\w+|CyclicSchema|OptionalDataControls)Field\.js$/],
  [
    /@rjsf\/core\/lib\/components\/widgets\/index\.js$/,
    files('\\w*Date\\w*|Checkbox|Checkboxes|Color|File|Password|Radio|Range|Rating|Select|Textarea', 'Widget'),
  ],
  [
    /@rjsf\/core\/lib\/components\/templates\/index\.js$/,
    files('DescriptionField|ErrorList|TitleField|ButtonTemplates'),
  ],
  [
    /@rjsf\/core\/lib\/components\/templates\/index\.js$/,
    files(
      'ArrayField\\w*|BaseInput|CyclicSchemaExpand|FallbackField|Field|FieldError|FieldHelp|Grid|ObjectField|' +
        'OptionalDataControls|WrapIfAdditional',
      'Template',
    ),
  ],
  [/@cfworker\/json-schema\/dist\/esm\/(index|validate)\.js$/, files('format')],
  [/antd\/es\/table\/hooks\/useFilter\/index\.js$/, /\/FilterDropdown$/],
  [/antd\/es\/table\/InternalTable\.js$/, /\/pagination$/],
  [/antd\/es\/table\/hooks\/useSelection\.js$/, /\/radio$|^@rc-component\/tree$/],
  [/antd\/es\/modal\/Modal\.js$/, /\/skeleton$/],
  [/antd\/es\/progress\/progress\.js$/, /\/(Circle|Steps)$/],
  [/antd\/es\/app\/App\.js$/, /\/notification\/useNotification$/],
  [/antd\/es\/input\/index\.js$/, /\/(OTP|Search)$/],
  [/antd\/es\/tag\/index\.js$/, /\/CheckableTag(Group)?$/],
  [/antd\/es\/dropdown\/index\.js$/, /\/dropdown-button$/],
];
const ABSENT = '\0absent';
const withoutUnused: Plugin = {
  name: 'without-unused',
  enforce: 'pre',
  resolveId: (id, importer = '') =>
    UNUSED.some(([from, part]) => part.test(id) && from.test(importer)) ? ABSENT : null,
  load: (id) =>
    id === ABSENT
      ? `export const flattenKeys = () => [];
         export const format = {};
         export const Markdown = ({ children }) => children ?? null;
         export const arrAdd = (list, one) => (list.includes(one) ? [...list] : [...list, one]);
         export const arrDel = (list, one) => list.filter((other) => other !== one);
         const notOfTrees = () => { throw new Error('rows are no trees'); };
         export { notOfTrees as conductCheck, notOfTrees as convertDataToEntities };
         export default () => []; // a component that shows nothing, a hook that gives nothing`
      : null,
};

/** What only forms and rarer things need, so that a list does not wait for it. */
const isOf = (tests: readonly RegExp[]) => (id: string) => tests.some((test) => test.test(id));
const FORMS = [
  /node_modules\/antd\/es\/form\/(?!context|validateMessages|hooks\/useVariants)/,
  /node_modules\/@rc-component\/form\/es\/(?!FormContext)/,
  /node_modules\/@rc-component\/async-validator\//,
  /node_modules\/antd\/es\/radio\//,
];
/** Beside a page, and the menu of phones. */
const DRAWERS = /node_modules\/(antd\/es|@rc-component)\/drawer\/(?!useFocusable)/;
/** What lists are made of, and few other pages need. */
const LISTS = [
  /node_modules\/(antd\/es|@rc-component)\/(table|tabs|context|divider)\/(?!TableMeasureRow)/,
  /\/src\/wrappers\/(ListPage|DataTable|QueryBar|useList|trail)\./,
];
/** Icons, and what they are made of: antd's components need some, so they must not need those. */
const ICONS =
  /node_modules\/(@ant-design\/(icons|icons-svg|colors|fast-color)|@rc-component\/util|clsx|is-mobile|react-is|@babel)\//;
/** What the frame around every page and the lists need of the console itself. */
const FRAME =
  /\/src\/(app\/(drafts|unsaved|entrance|projectPath|theme|menus|beside|copy|digits)|api\/(live|download)|i18n\/(menus|said)|wrappers\/(Dialog|Copyable|ListPage|DataTable|QueryBar|use|place|trail|DetailPage|Clamped|PageTitle|states|lazily))/;

const COMPONENTS =
  /node_modules\/(antd|@ant-design|@rc-component|@babel|clsx|scroll-into-view-if-needed|compute-scroll-into-view|throttle-debounce|stylis|is-mobile|@emotion|dayjs|json2mq|string-convert|nuqs|react-is)\//;

/** antd's tabs tell a screen reader “Tab 1 of 4”, in English whatever the language; the role says as much by itself. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is code, and looked for as such
const TOLD = '`Tab ${currentPosition} of ${tabCount}`';
const withoutEnglishTabs: Plugin = {
  name: 'without-english-tabs',
  transform: {
    filter: { id: /@rc-component\/tabs\/es\/TabNavList\/TabNode\.js/ },
    handler: (code) => {
      if (!code.includes(TOLD)) {
        throw new Error('what the tabs tell screen readers is no longer where it was');
      }
      return { code: code.replace(TOLD, 'null'), map: null };
    },
  },
};

/** react-router's own build without what warns developers; by its name comes the one with it. */
const ROUTER = fileURLToPath(new URL('node_modules/react-router/dist/production/index.mjs', import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^react-router$/, replacement: ROUTER },
      { find: /^use-sync-external-store\/shim$/, replacement: 'react' }, // which has it itself
    ],
  },
  plugins: [react(), antdStyles(), withoutUnused, withoutEnglishTabs],
  html: { cspNonce: NONCE_PLACEHOLDER },
  build: {
    target: 'es2023',
    manifest: true, // e2e/size.mjs reads from it what the first list route loads
    chunkSizeWarningLimit: 1500, // the gzip size is what counts: e2e/size.mjs
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }, // of browsers older than `target`
    rolldownOptions: {
      // Nothing happens by loading a component: what is not used of one is left out.
      treeshake: { moduleSideEffects: [{ test: /node_modules\/@rc-component\//, sideEffects: false }] },
      output: {
        // Few files: what the sign-in needs, what nearly every page needs of antd, and the console's own wrappers.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            {
              name: 'base',
              test: /node_modules\/(react|react-dom|scheduler|react-router|i18next|react-i18next|openapi-fetch|@tanstack|@date-fns)\//,
              priority: 5,
            },
            {
              name: 'core',
              test: /\/src\/(api\/(?!live|upload|download|outcome|offered)|i18n\/(?!menus|said)|session\/(session|begin)|routes\/|app\/(antdSheets|attempt|chunks|dark|title|times)|icon)/,
              minShareCount: 2,
              priority: 5,
            },
            { name: 'forms', test: isOf(FORMS), minShareCount: 4, priority: 4 },
            { name: 'drawers', test: DRAWERS, minShareCount: 2, priority: 4 },
            { name: 'icons', test: ICONS, minShareCount: 2, priority: 4 },
            { name: 'lists', test: isOf(LISTS), minShareCount: 4, priority: 4 },
            { name: 'components', test: COMPONENTS, minShareCount: 15, priority: 3 },
            {
              name: 'components',
              test: /node_modules\/(antd\/es|@rc-component)\/(segmented|breadcrumb)\//,
              priority: 3,
            },
            {
              name: 'projects',
              test: /\/src\/screens\/projects\/(useQueueReason|OverdueMark|operatorText|projectFilters|useProviders)/,
              minShareCount: 2,
              priority: 1,
            },
            { name: 'frame', test: FRAME, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  // `npm run dev`: the API of a running `make run`; the table of formats lies with the server's code.
  server: { proxy: { '/api': 'http://127.0.0.1:8000' }, fs: { allow: ['.', '../shared/delivery_shared'] } },
});
