/** The session has ended: sign in again above the page, which stays as it is; what was asked for goes on then. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { queries } from '../api/queries';
import { forget } from '../api/tokens';
import { forgetUnsaved } from '../app/unsaved';
import { Dialog } from '../wrappers/Dialog';
import { SignInForm } from './SignInForm';
import { useMe, useSession } from './session';

export function SignInAgain() {
  const { t } = useTranslation('session');
  const { ended } = useSession();
  const loginName = useMe().data?.login_name;
  if (!ended) {
    return null;
  }
  const leave = () => {
    forgetUnsaved();
    queries.clear();
    forget();
  };
  return (
    <Dialog
      title={t('login.ended')}
      closable={false}
      keyboard={false}
      width={420}
      zIndex={2000}
      footer={<Button onClick={leave}>{t('login.other')}</Button>}
    >
      <p>{t('login.endedHint')}</p>
      <SignInForm {...(loginName === undefined ? {} : { loginName })} />
    </Dialog>
  );
}
