/** 提示: the account data of a new user or a reset password, shown this once (U-25 … U-27, U-32). */
import { useTranslation } from 'react-i18next';
import { ShownOnce } from './ShownOnce';

export interface PasswordOnceProps {
  kind: 'created' | 'reset';
  loginName: string;
  password: string;
  onClose: () => void;
}

export function PasswordOnce({ kind, loginName, password, onClose }: PasswordOnceProps) {
  const { t } = useTranslation('settings');
  return (
    <ShownOnce
      title={t('password.title')}
      done={t(`password.${kind}`)}
      facts={[
        { label: t('password.account'), text: loginName },
        { label: t('password.password'), text: password, isCode: true },
      ]}
      more={[{ label: t('password.address'), text: new URL('/login', location.origin).href }]}
      once={t('password.once')}
      copied={t('password.copied')}
      uncopied={t('password.uncopied')}
      onClose={onClose}
    />
  );
}
