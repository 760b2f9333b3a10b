/** 登录: the own login page of all accounts (U-33, U-34). */
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { useTitle } from '../../app/title';
import { beginning } from '../../session/begin';
import { SignInForm } from '../../session/SignInForm';
import { useTokens } from '../../session/session';
import { Entry } from './Entry';

export function Login() {
  const { t } = useTranslation('session');
  const held = useTokens();
  const state: unknown = useLocation().state;
  useTitle(t('login.title'));
  const from = typeof state === 'object' && state !== null && 'from' in state ? String(state.from) : undefined;
  if (held !== null) {
    return <Navigate to={from ?? '/'} replace />;
  }
  return (
    <Entry>
      <h1>{t('login.title')}</h1>
      {from !== undefined && beginning === 'ended' && (
        <p className="plain-alert" role="status">
          {t('login.ended')}
        </p>
      )}
      <SignInForm />
      <p className="secondary entry-help">{t('login.help')}</p>
    </Entry>
  );
}
