/** What an admin – or the platform operator for main accounts and customers – does for a user's account. */
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useRefused } from '../../wrappers/useRefused';
import type { PasswordOnceProps } from './PasswordOnce';

interface Cared {
  user_id: string;
  name: string;
}

/** Each after a question. `show`: a new initial password, this once. */
export function useAccountCare(show: (secret: Omit<PasswordOnceProps, 'onClose'>) => void) {
  const { t } = useTranslation('settings');
  const { modal, message } = App.useApp();
  const refused = useRefused();
  const asked = (title: string, okText: string, run: () => Promise<void>) =>
    void modal.confirm({
      title,
      okText,
      okButtonProps: { danger: true },
      cancelText: t('cancel', { ns: 'app' }),
      onOk: async () => {
        try {
          await run();
        } catch (error) {
          refused(error);
        }
      },
    });
  const of = ({ user_id }: Cared) => ({ params: { path: { user_id } } });
  return {
    asked,
    /** 密码重置 (U-32). */
    reset: (user: Cared) =>
      asked(t('users.resetAsk', { name: user.name }), t('users.reset'), async () => {
        const issued = await answer(api.POST('/api/v1/users/{user_id}/password-reset', of(user)));
        show({ kind: 'reset', loginName: issued.login_name, password: issued.initial_password });
      }),
    endSessions: (user: Cared) =>
      asked(t('users.endSessionsAsk', { name: user.name }), t('users.endSessions'), async () => {
        await api.DELETE('/api/v1/users/{user_id}/sessions', of(user));
        void message.success(t('users.sessionsEnded', { name: user.name }));
      }),
    takeFactor: (user: Cared) =>
      asked(t('users.takeFactorAsk', { name: user.name }), t('users.takeFactor'), async () => {
        await api.DELETE('/api/v1/users/{user_id}/second-factor', of(user));
        await queries.invalidateQueries();
        void message.success(t('users.factorTaken', { name: user.name }));
      }),
  };
}
