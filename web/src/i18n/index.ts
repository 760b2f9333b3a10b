/**
 * Texts of the console, Chinese first. One file per area and language: `zh/<area>.ts` holds the words of the manual,
 * `en/<area>.ts` the same keys in English (the compiler refuses missing ones). A screen asks for its area:
 *
 *     const { t } = useTranslation('projects');   t('list.title')
 *
 * What the first page needs in Chinese comes with the console; every other area comes with the first screen that asks
 * for it.
 */
import i18next, { type BackendModule, type FlatNamespace } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../api';
import app from './zh/app';
import session from './zh/session';

/** The same keys with other texts. */
export type Translated<Texts> = { [Key in keyof Texts]: Texts[Key] extends string ? string : Translated<Texts[Key]> };

type Texts<Area extends { default: unknown }> = Area['default'];

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: {
      app: typeof app;
      connections: Texts<typeof import('./zh/connections')>;
      dashboard: Texts<typeof import('./zh/dashboard')>;
      messages: Texts<typeof import('./zh/messages')>;
      operator: Texts<typeof import('./zh/operator')>;
      products: Texts<typeof import('./zh/products')>;
      projects: Texts<typeof import('./zh/projects')>;
      reference: Texts<typeof import('./zh/reference')>;
      session: typeof session;
      settings: Texts<typeof import('./zh/settings')>;
      templates: Texts<typeof import('./zh/templates')>;
      work: Texts<typeof import('./zh/work')>;
    };
  }
}

/** Of texts: a file for each language. */
export type Area = FlatNamespace;

const KEY = 'delivery.language';
const BUNDLED = { app, session };

const FILES = import.meta.glob<Record<string, unknown>>(['./{zh,en}/*.ts', '!./zh/{app,session}.ts'], {
  import: 'default',
});

const files: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language: string, area: string) =>
    FILES[`./${language}/${area}.ts`]?.() ?? Promise.reject(new Error(`no texts ${language}/${area}`)),
};

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh';
}

async function speak(chosen: Language): Promise<void> {
  await i18next.changeLanguage(chosen);
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(KEY, chosen);
  void speak(chosen);
}

void i18next
  .use(files)
  .use(initReactI18next)
  .init({
    resources: { zh: BUNDLED },
    partialBundledLanguages: true,
    lng: 'zh',
    fallbackLng: 'zh',
    defaultNS: 'app',
    ns: Object.keys(BUNDLED),
    interpolation: { escapeValue: false }, // React escapes
  });

/**
 * Done when the texts of these areas are there: whoever shows a page waits for them together with its code. React would
 * show a sign of waiting in its place, and leave that standing for a third of a second (`FALLBACK_THROTTLE_MS`).
 *
 * @throws Error  some are not to be had
 */
export async function texts(areas: readonly Area[]): Promise<void> {
  await i18next.loadNamespaces(areas);
  const missing = areas.find((area) => !i18next.hasResourceBundle(language(), area));
  if (missing !== undefined) {
    throw new Error(`no texts of ${missing}`);
  }
}

/** Done when the page speaks the language chosen last. */
export const ready = speak(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh');

export { i18next };
