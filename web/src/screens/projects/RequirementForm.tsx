/** 提交需求: the demand form of the template, checked as it is filled; what was kept before stands in it. */
import type Core from '@rjsf/core';
import type { ErrorSchema } from '@rjsf/utils';
import { Alert, Modal } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, messageOf } from '../../api';
import { language } from '../../i18n';
import SchemaForm, { type Filled, type JsonSchema } from '../../wrappers/SchemaForm';

export interface RequirementFormProps {
  title: string;
  schema: JsonSchema;
  /** What was filled in before. */
  initial: Filled;
  onSubmit: (data: Filled) => Promise<void>;
  onClose: () => void;
}

export default function RequirementForm({ title, schema, initial, onSubmit, onClose }: RequirementFormProps) {
  const { t } = useTranslation('projects');
  const form = useRef<Core>(null);
  const [data, setData] = useState<Filled>(initial);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [refused, setRefused] = useState<ErrorSchema>({});
  const submit = async (filled: Filled) => {
    setPending(true);
    setRefusal(undefined);
    setRefused({});
    try {
      await onSubmit(filled);
      onClose();
    } catch (error) {
      const fields = error instanceof ApiError ? error.fields : [];
      setRefused(
        Object.fromEntries(fields.map((one) => [(one.field ?? '').split('.')[0], { __errors: [one.message] }])),
      );
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
      <SchemaForm
        ref={form}
        prefix="requirement"
        schema={schema}
        data={data}
        refused={refused}
        onChange={setData}
        onSubmit={(filled) => void submit(filled)}
      />
    </Modal>
  );
}
