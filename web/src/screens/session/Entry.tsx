/** The frame of what comes before the console: product name beside a form, language switch. */
import { Button, Flex } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, language } from '../../i18n';
import icon from '../../icon.svg';

export function Entry({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className="entry">
      <div className="entry-card">
        <Flex justify="space-between" align="center" className="entry-head">
          <span className="brand">
            <img src={icon} alt="" width={36} height={36} />
            {t('product')}
          </span>
          <Button type="text" onClick={() => chooseLanguage(language() === 'zh' ? 'en' : 'zh')}>
            <span lang={language() === 'zh' ? 'en' : 'zh-CN'}>{t('header.language')}</span>
          </Button>
        </Flex>
        <p className="secondary">{t('slogan', { ns: 'session' })}</p>
        {children}
      </div>
    </main>
  );
}
