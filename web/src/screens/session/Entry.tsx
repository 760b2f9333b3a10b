/** The frame of what comes before the console: product name beside a form, language switch. Plain HTML, see `SignInForm`. */
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isDark } from '../../app/dark';
import { chooseLanguage, language } from '../../i18n';
import icon from '../../icon.svg';

export function Entry({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  }, []);
  return (
    <main className="entry">
      <div className="entry-card">
        <div className="entry-head">
          <span className="brand">
            <img src={icon} alt="" width={36} height={36} />
            {t('product')}
          </span>
          <button
            type="button"
            className="plain-button"
            onClick={() => chooseLanguage(language() === 'zh' ? 'en' : 'zh')}
          >
            <span lang={language() === 'zh' ? 'en' : 'zh-CN'}>{t('header.language')}</span>
          </button>
        </div>
        <p className="secondary">{t('slogan', { ns: 'session' })}</p>
        {children}
      </div>
    </main>
  );
}
