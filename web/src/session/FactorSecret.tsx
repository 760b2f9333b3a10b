/** What an authenticator app is given: a code to scan, and the same as letters to type. Plain HTML, see `SignInForm`. */
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { loaded } from '../app/chunks';
import { inFours, type Secret } from './secondFactor';

/** Where it cannot be loaded, the letters do. */
const QrCode = lazy<typeof import('./QrCode').default>(() =>
  loaded(() => import('./QrCode')).catch(() => ({ default: () => null })),
);

export function FactorSecret({ secret, address }: Secret) {
  const { t } = useTranslation('session');
  return (
    <div className="factor-secret">
      <p>{t('factor.scan')}</p>
      <Suspense fallback={<div className="factor-code" aria-busy="true" />}>
        <div className="factor-code">
          <QrCode text={address} label={t('factor.picture')} />
        </div>
      </Suspense>
      <p className="secondary">{t('factor.type')}</p>
      <code className="factor-letters">{inFours(secret)}</code>
    </div>
  );
}
