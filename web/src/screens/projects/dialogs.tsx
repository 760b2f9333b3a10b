/** Dialogs of a project's buttons that ask for a few words. Load them lazily: antd's forms are large. */
import { Alert, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../wrappers/FormDialog';
import { prose } from './prose';
import { Stars } from './Stars';

interface DialogProps {
  subject: string;
  draft: readonly string[];
  onClose: () => void;
}

export interface ReasonProps extends DialogProps {
  title: string;
  onSubmit: (reason: string) => Promise<void>;
}

/** 驳回 with its reason. */
export function Rejection({ title, onSubmit, ...dialog }: ReasonProps) {
  const { t } = useTranslation('projects');
  return (
    <FormDialog<{ reason: string }>
      {...dialog}
      title={title}
      okText={title}
      danger
      onSubmit={({ reason }) => onSubmit(reason.trim())}
    >
      <Form.Item name="reason" label={t('actions.reason')} rules={[prose(t('form.required', { ns: 'app' }))]}>
        <Input.TextArea rows={4} maxLength={500} showCount placeholder={t('actions.reasonPlaceholder')} />
      </Form.Item>
    </FormDialog>
  );
}

export interface RemarkProps extends ReasonProps {
  label: string;
  warning?: string;
}

export function Remark({ label, warning, onSubmit, ...dialog }: RemarkProps) {
  const { t } = useTranslation('projects');
  return (
    <FormDialog<{ remark: string }>
      {...dialog}
      danger={warning !== undefined}
      onSubmit={({ remark }) => onSubmit(remark.trim())}
      notice={warning && <Alert type="warning" showIcon title={warning} className="form-refusal" />}
    >
      <Form.Item name="remark" label={label} rules={[prose(t('form.required', { ns: 'app' }))]}>
        <Input.TextArea rows={4} maxLength={500} showCount placeholder={t('actions.remarkPlaceholder')} />
      </Form.Item>
    </FormDialog>
  );
}

export interface EvaluationProps extends DialogProps {
  onSubmit: (stars: number, text: string | null) => Promise<void>;
}

/** Stars, and what there is to say about it. */
export function Evaluation({ onSubmit, ...dialog }: EvaluationProps) {
  const { t } = useTranslation('projects');
  return (
    <FormDialog<{ stars: number; text?: string }>
      {...dialog}
      title={t('evaluate.title')}
      onSubmit={({ stars, text }) => onSubmit(stars, text?.trim() || null)}
    >
      <Form.Item
        name="stars"
        label={t('evaluate.stars')}
        rules={[{ required: true, message: t('evaluate.starsRequired') }]}
      >
        <Stars />
      </Form.Item>
      <Form.Item name="text" label={t('evaluate.text')}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
    </FormDialog>
  );
}
