/**
 * Texts of the console, Chinese first. One file per area and language: `zh/<area>.ts` holds the words of the manual,
 * `en/<area>.ts` the same keys in English (the compiler refuses missing ones). A screen asks for its area:
 *
 *     const { t } = useTranslation('projects');   t('list.title')
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../api';
import enApp from './en/app';
import enDashboard from './en/dashboard';
import enMessages from './en/messages';
import enOperator from './en/operator';
import enProducts from './en/products';
import enProjects from './en/projects';
import enReference from './en/reference';
import enSession from './en/session';
import enSettings from './en/settings';
import enTemplates from './en/templates';
import enWork from './en/work';
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
const en: Translated<typeof zh> = {
  app: enApp,
  dashboard: enDashboard,
  messages: enMessages,
  operator: enOperator,
  products: enProducts,
  projects: enProjects,
  reference: enReference,
  session: enSession,
  settings: enSettings,
  templates: enTemplates,
  work: enWork,
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

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(KEY, chosen);
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
  void i18next.changeLanguage(chosen);
}

void i18next.use(initReactI18next).init({
  resources: { zh, en },
  lng: localStorage.getItem(KEY) === 'en' ? 'en' : 'zh',
  fallbackLng: 'zh',
  defaultNS: 'app',
  ns: Object.keys(zh),
  interpolation: { escapeValue: false }, // React escapes
});
document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';

export { i18next, zh };
