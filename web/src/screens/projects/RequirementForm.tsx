/** 提交需求: the demand form of the template, checked as it is filled; what was kept before stands in it. */
import Form from '@rjsf/antd';
import type Core from '@rjsf/core';
import type { ErrorSchema, RJSFSchema } from '@rjsf/utils';
import { Alert, Modal } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, messageOf } from '../../api';
import { language } from '../../i18n';
import { validatorOf } from './formValidator';
import type { FormSchema } from './useFormSchema';

export interface RequirementFormProps {
  title: string;
  schema: FormSchema;
  /** What was filled in before. */
  initial: Record<string, unknown>;
  onSubmit: (data: Record<string, unknown>) => Promise<void>;
  onClose: () => void;
}

/** Long texts get room. */
const LONG = 200;

export default function RequirementForm({ title, schema, initial, onSubmit, onClose }: RequirementFormProps) {
  const { t } = useTranslation('projects');
  const form = useRef<Core>(null);
  const [data, setData] = useState<Record<string, unknown>>(initial);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [refused, setRefused] = useState<ErrorSchema>({});
  const validator = useMemo(() => {
    const known = t('requirement.errors', { returnObjects: true }) as Record<string, string>;
    return validatorOf((keyword) => known[keyword] ?? t('requirement.errors.other'));
  }, [t]);
  const { shown, ui } = useMemo(() => prepared(schema), [schema]);
  const submit = async (filled: Record<string, unknown>) => {
    setPending(true);
    setRefusal(undefined);
    setRefused({});
    try {
      await onSubmit(filled);
      onClose();
    } catch (error) {
      const fields = error instanceof ApiError ? error.fields : [];
      setRefused(Object.fromEntries(fields.map((one) => [one.field.split('.')[0], { __errors: [one.message] }])));
      setRefusal(messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return (
    <Modal
      open
      width={720}
      title={title}
      okText={t('confirm', { ns: 'app' })}
      cancelText={t('cancel', { ns: 'app' })}
      confirmLoading={pending}
      mask={{ closable: false }}
      onCancel={onClose}
      onOk={() => form.current?.submit()}
      destroyOnHidden
    >
      {refusal && <Alert type="error" title={refusal} showIcon className="form-refusal" role="alert" />}
      <Form
        ref={form}
        className="demand-form"
        idPrefix="requirement"
        schema={shown}
        uiSchema={ui}
        formData={data}
        validator={validator}
        extraErrors={refused}
        showErrorList={false}
        focusOnFirstError
        noHtml5Validate
        onChange={(event) => setData(event.formData as Record<string, unknown>)}
        onSubmit={(event) => void submit(event.formData as Record<string, unknown>)}
      >
        <span />
      </Form>
    </Modal>
  );
}

/** The schema without its name of dialect and its title, which the dialog has; text areas where much may be written. */
function prepared(schema: FormSchema): { shown: RJSFSchema; ui: Record<string, unknown> } {
  const { $schema: _dialect, title: _title, ...shown } = schema;
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, { type?: string; maxLength?: number }>);
  const long = fields.filter(([, field]) => field.type === 'string' && (field.maxLength ?? 0) > LONG);
  return {
    shown: shown as RJSFSchema,
    ui: Object.fromEntries(long.map(([name]) => [name, { 'ui:widget': 'textarea', 'ui:options': { rows: 4 } }])),
  };
}
