/**
 * Colours, antd's own texts, and the nonce that lets antd add styles. It stands above everything else, fallbacks and
 * error pages included: a component drawn outside would have its styles refused, here and for good.
 */
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useDark } from './dark';
import { NONCE } from './nonce';
import { DARK, LIGHT } from './theme';

export function Appearance({ children }: { children: ReactNode }) {
  const dark = useDark();
  const { i18n } = useTranslation();
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  return (
    <ConfigProvider
      theme={dark ? DARK : LIGHT}
      locale={i18n.language === 'en' ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
      {...(NONCE ? { csp: { nonce: NONCE } } : {})}
    >
      <App className="app">{children}</App>
    </ConfigProvider>
  );
}
