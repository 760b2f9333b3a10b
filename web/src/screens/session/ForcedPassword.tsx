/** The first login: nothing else works before the initial password is changed (U-28). */
import { Alert, Button, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { signOut } from '../../session/session';
import { Entry } from './Entry';
import { PasswordForm } from './PasswordForm';

export function ForcedPassword() {
  const { t } = useTranslation('session');
  return (
    <Entry>
      <Typography.Title level={1}>{t('password.forcedTitle')}</Typography.Title>
      <Alert type="info" showIcon title={t('password.forcedHint')} className="form-refusal" />
      <PasswordForm onChanged={() => undefined} />
      <Button type="link" onClick={() => void signOut()}>
        {t('header.logout', { ns: 'app' })}
      </Button>
    </Entry>
  );
}
