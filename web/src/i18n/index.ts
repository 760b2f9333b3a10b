/**
 * Texts of the console, Chinese first. One file per area and language: `zh/<area>.ts` holds the words of the manual,
 * `en/<area>.ts` the same keys in English (the compiler refuses missing ones). A screen asks for its area:
 *
 *     const { t } = useTranslation('projects');   t('list.title')
 *
 * What the first page needs in Chinese comes with the console; every other area comes with the first screen that asks
 * for it.
 */
import i18next, { type BackendModule } from 'i18next';
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

const KEY = 'delivery.language';
const BUNDLED = { app, session };

const files: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: async (language: string, area: string) =>
    ((await import(`./${language}/${area}.ts`)) as { default: Record<string, unknown> }).default,
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

/** Done when the page speaks the language chosen last. */
export const ready = speak(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh');

export { i18next };
