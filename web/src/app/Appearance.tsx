/**
 * Colours, antd's own texts, and the nonce that lets antd add styles: those of icons, and all of them where the build has
 * made none (`npm run dev`). It stands above everything else, fallbacks and error pages included.
 */
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { type ReactNode, useLayoutEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useDark } from './dark';
import { NONCE } from './nonce';
import { DARK, LIGHT } from './theme';

export function Appearance({ children }: { children: ReactNode }) {
  const dark = useDark();
  const { i18n } = useTranslation();
  useLayoutEffect(() => {
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
