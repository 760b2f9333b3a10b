/** The first login: nothing else works before the initial password is changed (U-28). */
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { signOut } from '../../session/session';
import { Entry } from './Entry';
import { PasswordForm } from './PasswordForm';

export function ForcedPassword() {
  const { t } = useTranslation('session');
  return (
    <Entry>
      <h1>{t('password.forcedTitle')}</h1>
      <Alert type="info" showIcon title={t('password.forcedHint')} className="form-refusal" />
      <PasswordForm onChanged={() => undefined} />
      <Button type="link" onClick={() => void signOut()}>
        {t('header.logout', { ns: 'app' })}
      </Button>
    </Entry>
  );
}
