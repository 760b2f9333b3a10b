/**
 * Texts of the console, Chinese first. One file per area and language: `zh/<area>.ts` holds the words of the manual,
 * `en/<area>.ts` the same keys in English (the compiler refuses missing ones). A screen asks for its area:
 *
 *     const { t } = useTranslation('projects');   t('list.title')
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../api';
import zhApp from './zh/app';
import zhDashboard from './zh/dashboard';
import zhMessages from './zh/messages';
import zhOperator from './zh/operator';
import zhProducts from './zh/products';
import zhProjects from './zh/projects';
import zhReference from './zh/reference';
import zhSession from './zh/session';
import zhSettings from './zh/settings';
import zhTemplates from './zh/templates';
import zhWork from './zh/work';

const zh = {
  app: zhApp,
  dashboard: zhDashboard,
  messages: zhMessages,
  operator: zhOperator,
  products: zhProducts,
  projects: zhProjects,
  reference: zhReference,
  session: zhSession,
  settings: zhSettings,
  templates: zhTemplates,
  work: zhWork,
};
/** The same keys with other texts. */
export type Translated<Texts> = { [Key in keyof Texts]: Texts[Key] extends string ? string : Translated<Texts[Key]> };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: typeof zh;
  }
}

const KEY = 'delivery.language';

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh';
}

/** English texts come with their first use; Chinese ones, which stand in for missing ones, with the page. */
export async function speak(chosen: Language): Promise<void> {
  if (chosen === 'en' && !i18next.hasResourceBundle('en', 'app')) {
    for (const [area, texts] of Object.entries((await import('./en')).default)) {
      i18next.addResourceBundle('en', area, texts);
    }
  }
  await i18next.changeLanguage(chosen);
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(KEY, chosen);
  void speak(chosen);
}

void i18next.use(initReactI18next).init({
  resources: { zh },
  lng: 'zh',
  fallbackLng: 'zh',
  defaultNS: 'app',
  ns: Object.keys(zh),
  interpolation: { escapeValue: false }, // React escapes
});

/** Done when the page speaks the language chosen last. */
export const ready = speak(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh');

export { i18next, zh };
