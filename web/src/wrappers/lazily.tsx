/** A component whose code is fetched when it is first shown; where that fails it says so, and the page stays. */
import { Alert, Button } from 'antd';
import { type ComponentType, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { styled } from '../app/antdSheets';
import { loaded } from '../app/chunks';

// biome-ignore lint/suspicious/noExplicitAny: what a component takes is its own matter
export function lazily<Shown extends ComponentType<any>>(load: () => Promise<{ default: Shown }>) {
  return lazy<Shown>(() => loaded(() => styled(load)).catch(() => ({ default: Missing as unknown as Shown })));
}

function Missing() {
  const { t } = useTranslation();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="chunk-missing"
      title={t('connection.chunk')}
      action={
        <Button size="small" onClick={() => location.reload()}>
          {t('retry')}
        </Button>
      }
    />
  );
}
