/** 预览: a demand form as the customer will see it (T-50). Its code is fetched when it is first opened. */
import { Alert, Button } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../wrappers/Dialog';
import { lazily } from '../../wrappers/lazily';
import { Waiting } from '../../wrappers/states';

const SchemaForm = lazily(() => import('../../wrappers/SchemaForm'));

export interface FormPreviewProps {
  form: { name: string; schema: Record<string, unknown> };
  onClose: () => void;
}

export function FormPreview({ form, onClose }: FormPreviewProps) {
  const { t } = useTranslation('templates');
  return (
    <Dialog
      width={640}
      title={t('preview.title', { name: form.name })}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>}
    >
      <Alert type="info" title={t('preview.hint')} className="form-refusal" />
      <Suspense fallback={<Waiting />}>
        <SchemaForm prefix="preview" schema={form.schema} />
      </Suspense>
    </Dialog>
  );
}
