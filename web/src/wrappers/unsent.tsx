/** What was typed and not sent: it is said where it stands in a form again, and asked about before it is lost. */
import { Alert, App, Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../app/times';

/** Says that a draft stands in the form, and takes it away. */
export function Restored({ at, onDrop }: { at: number; onDrop: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert
      type="info"
      showIcon
      role="status"
      className="form-refusal"
      title={t('draft.restored', { time: minuteText(at) })}
      action={
        <Button size="small" onClick={onDrop}>
          {t('draft.drop')}
        </Button>
      }
    />
  );
}

/** Closes at once where nothing was typed, else asks. `onDrop`: there is a draft, which can stay. */
export function useQuestion(props: { isDirty: boolean; onClose: () => void; onDrop?: () => void }): () => void {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const { isDirty, onClose, onDrop } = props;
  return () => {
    if (!isDirty) {
      onClose();
      return;
    }
    const asked = modal.confirm({
      title: t('leave.dialog'),
      okText: t('leave.drop'),
      okButtonProps: { danger: true },
      cancelText: t('leave.goOn'),
      onOk: () => {
        onDrop?.();
        onClose();
      },
      ...(onDrop
        ? {
            footer: (_: ReactNode, { OkBtn, CancelBtn }: { OkBtn: React.FC; CancelBtn: React.FC }) => (
              <>
                <CancelBtn />
                <Button
                  onClick={() => {
                    asked.destroy();
                    onClose();
                  }}
                >
                  {t('draft.keep')}
                </Button>
                <OkBtn />
              </>
            ),
          }
        : {}),
    });
  };
}
