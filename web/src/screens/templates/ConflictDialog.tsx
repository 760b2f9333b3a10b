/** Somebody saved the template meanwhile: load theirs, overwrite it with mine, or go on editing. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../wrappers/Dialog';

export interface ConflictDialogProps {
  version: number;
  onReload: () => void;
  onOverwrite: () => void;
  onClose: () => void;
}

export function ConflictDialog({ version, onReload, onOverwrite, onClose }: ConflictDialogProps) {
  const { t } = useTranslation('templates');
  return (
    <Dialog
      title={t('conflict.title')}
      onCancel={onClose}
      width={600}
      footer={[
        <Button key="later" onClick={onClose}>
          {t('conflict.later')}
        </Button>,
        <Button key="reload" onClick={onReload}>
          {t('conflict.reload')}
        </Button>,
        <Button key="overwrite" type="primary" danger onClick={onOverwrite}>
          {t('conflict.overwrite')}
        </Button>,
      ]}
    >
      <p>{t('conflict.text', { version })}</p>
    </Dialog>
  );
}
