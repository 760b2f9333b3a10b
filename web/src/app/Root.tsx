/** Around everything: colours, language of antd's own texts, and filters in the address. */
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { NuqsAdapter } from 'nuqs/adapters/react-router/v7';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { DARK, LIGHT, useDark } from './theme';

/** The nonce of this page's Content-Security-Policy, put into index.html by the gateway. */
const NONCE = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

export function Root() {
  const dark = useDark();
  const { i18n, t } = useTranslation();
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  useEffect(() => {
    document.title = t('product');
  }, [t]);
  return (
    <ConfigProvider
      theme={dark ? DARK : LIGHT}
      locale={i18n.language === 'en' ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
      {...(NONCE ? { csp: { nonce: NONCE } } : {})}
    >
      <App className="app">
        <NuqsAdapter>
          <Outlet />
        </NuqsAdapter>
      </App>
    </ConfigProvider>
  );
}
