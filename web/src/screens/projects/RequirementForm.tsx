/**
 * 提交需求: the demand form of the template, checked as it is filled; what was kept before stands in it.
 * What is typed and not sent is kept in this browser, and whoever closes it is asked.
 */
import type Core from '@rjsf/core';
import type { ErrorSchema } from '@rjsf/utils';
import { Alert } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, messageOf } from '../../api';
import { useDrafts } from '../../app/drafts';
import { useUnsaved } from '../../app/unsaved';
import { language } from '../../i18n';
import { Dialog } from '../../wrappers/Dialog';
import SchemaForm, { type Filled, type JsonSchema } from '../../wrappers/SchemaForm';
import { Restored, useQuestion } from '../../wrappers/unsent';

export interface RequirementFormProps {
  title: string;
  subject: string;
  draft: readonly string[];
  schema: JsonSchema;
  /** What was filled in before. */
  initial: Filled;
  onSubmit: (data: Filled) => Promise<void>;
  onClose: () => void;
}

export default function RequirementForm(props: RequirementFormProps) {
  const { title, subject, schema, initial, onSubmit, onClose } = props;
  const { t } = useTranslation('projects');
  const form = useRef<Core>(null);
  const drafts = useDrafts<Filled>(props.draft);
  const [restored, setRestored] = useState(drafts.found);
  const [data, setData] = useState<Filled>(restored?.values ?? initial);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [refused, setRefused] = useState<ErrorSchema>({});
  const isDirty = JSON.stringify(data) !== JSON.stringify(initial);
  const unsaved = useUnsaved(isDirty);
  const close = useQuestion({ isDirty: isDirty && !pending, onClose, onDrop: drafts.drop });
  const change = (filled: Filled) => {
    setData(filled);
    // The form tells also of what it fills in by itself when it opens.
    if (JSON.stringify(filled) !== JSON.stringify(data)) {
      drafts.keep(filled);
    }
  };
  const submit = async (filled: Filled) => {
    setPending(true);
    setRefusal(undefined);
    setRefused({});
    unsaved.release();
    try {
      await onSubmit(filled);
      drafts.drop();
      onClose();
    } catch (error) {
      unsaved.hold();
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
    <Dialog
      width={720}
      title={title}
      subject={subject}
      okText={t('confirm', { ns: 'app' })}
      cancelText={t('cancel', { ns: 'app' })}
      confirmLoading={pending}
      onCancel={close}
      onOk={() => form.current?.submit()}
    >
      {restored && (
        <Restored
          at={restored.at}
          onDrop={() => {
            drafts.drop();
            setRestored(undefined);
            setData(initial);
          }}
        />
      )}
      {refusal && <Alert type="error" title={refusal} showIcon className="form-refusal" role="alert" />}
      <SchemaForm
        ref={form}
        prefix="requirement"
        schema={schema}
        data={data}
        refused={refused}
        onChange={change}
        onSubmit={(filled) => void submit(filled)}
      />
    </Dialog>
  );
}
