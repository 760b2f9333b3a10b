/** Taking a file away again that was added by mistake: asked first, possible until its node is confirmed. */
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';

export function useWithdrawal() {
  const { t } = useTranslation('projects');
  const { modal, message } = App.useApp();
  return (file: { file_id: string; name: string }) =>
    void modal.confirm({
      title: t('files.removeAsk', { name: file.name }),
      content: t('files.removeHint'),
      okText: t('files.remove'),
      okButtonProps: { danger: true },
      cancelText: t('cancel', { ns: 'app' }),
      onOk: async () => {
        try {
          await api.DELETE('/api/v1/files/{file_id}', { params: { path: { file_id: file.file_id } } });
          void message.success(t('files.removed', { name: file.name }));
        } catch (error) {
          void message.error(messageOf(error, language()));
        } finally {
          await queries.invalidateQueries();
        }
      },
    });
}
