/** Somebody saved the same meanwhile: load theirs, overwrite it with mine, or go on editing. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog';

export interface ConflictDialogProps {
  /** What was saved, and by which words that is told. */
  title: string;
  text: string;
  onReload: () => void;
  onOverwrite: () => void;
  onClose: () => void;
}

export function ConflictDialog({ title, text, onReload, onOverwrite, onClose }: ConflictDialogProps) {
  const { t } = useTranslation('app');
  return (
    <Dialog
      title={title}
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
      <p>{text}</p>
    </Dialog>
  );
}
