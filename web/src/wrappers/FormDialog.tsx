/**
 * A dialog with a form: 取消 and 确定, refusals of the server at the fields they name (the others above the form), and no
 * second submission while the first is under way. Nothing typed is lost by mistake: 取消, × and Escape ask, and with
 * `draft` what is typed is kept in this browser until it was sent.
 */
import { Alert, Form, type FormInstance } from 'antd';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../api';
import { useDrafts } from '../app/drafts';
import { useUnsaved } from '../app/unsaved';
import { language } from '../i18n';
import { Dialog } from './Dialog';
import { type FieldsOf, showAtFields } from './refusals';
import { Restored, useQuestion } from './unsent';

export interface FormDialogProps<Values extends object> {
  title: string;
  /** The object it is about: a number, a name, how it stands now. */
  subject?: ReactNode;
  /** What the fields hold at first. */
  initial?: Partial<Values>;
  /** Name of the form and ids of its object: what is typed is kept under it. Without, it is not kept. */
  draft?: readonly string[];
  /** Sends the command. The dialog closes when it succeeds – unless it answers `stay`: there is another step – and shows
   *  why when it is refused. */
  onSubmit: (values: Values) => Promise<unknown>;
  onClose: () => void;
  /** `Form.Item`s, each named as the field of the request's body, so that refusals find them. */
  children: ReactNode | ((form: FormInstance<Values>) => ReactNode);
  /** Refusals that name no field, and the field they are about. */
  at?: FieldsOf;
  /** Above the fields, for example a warning. */
  notice?: ReactNode;
  okText?: string;
  danger?: boolean;
  width?: number;
  okDisabled?: boolean;
  /** Stays open, emptied, after it was sent: for what is written line by line. */
  keepOpen?: boolean;
}

/** Mount it to open it, unmount it to close it: every opening begins afresh, or with the draft. */
export function FormDialog<Values extends object>(props: FormDialogProps<Values>) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const drafts = useDrafts<Partial<Values>>(props.draft);
  const [restored, setRestored] = useState(drafts.found);
  const [isDirty, setDirty] = useState(drafts.found !== undefined);
  const unsaved = useUnsaved(isDirty);
  const initial = useRef({ ...props.initial, ...restored?.values });
  const submit = async (values: Values) => {
    setPending(true);
    setRefusal(undefined);
    unsaved.release();
    try {
      if ((await props.onSubmit(values)) === 'stay') {
        unsaved.hold();
        return;
      }
      drafts.drop();
      if (props.keepOpen) {
        drop();
      } else {
        props.onClose();
      }
    } catch (error) {
      unsaved.hold();
      setRefusal(showAtFields(form, error, props.at) ? undefined : messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  const close = useQuestion({
    isDirty: isDirty && !pending,
    onClose: props.onClose,
    ...(props.draft ? { onDrop: drafts.drop } : {}),
  });
  const changed = () => {
    const values = form.getFieldsValue(true) as Partial<Values>;
    const differs = textOf(values) !== textOf(props.initial ?? {});
    setDirty(differs);
    if (differs) {
      drafts.keep(values);
    } else {
      drafts.drop();
    }
  };
  const drop = () => {
    drafts.drop();
    setRestored(undefined);
    setDirty(false);
    form.resetFields();
    form.setFieldsValue(emptied(form.getFieldsValue(true) as object, props.initial ?? {}) as never);
  };
  return (
    <Dialog
      title={props.title}
      subject={props.subject}
      onCancel={close}
      onOk={form.submit}
      okText={props.okText ?? t('confirm')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ danger: props.danger ?? false, disabled: props.okDisabled ?? false }}
      width={props.width ?? 520}
    >
      {props.notice}
      {restored && <Restored at={restored.at} onDrop={drop} />}
      {refusal && <Alert type="error" title={refusal} showIcon className="form-refusal" role="alert" />}
      <Form<Values>
        form={form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        initialValues={initial.current}
        onValuesChange={changed}
        onFinish={(values) => void submit(values)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            form.submit();
          }
        }}
      >
        {typeof props.children === 'function' ? props.children(form) : props.children}
      </Form>
    </Dialog>
  );
}

/** Values as one text to compare: what is empty counts as not there. */
function textOf(values: object): string {
  return JSON.stringify(values, (_, value: unknown) => (value === '' || value === null ? undefined : value));
}

/** The values as they were at first, and nothing where there was nothing. */
function emptied(values: object, initial: object): object {
  return { ...Object.fromEntries(Object.keys(values).map((name) => [name, undefined])), ...initial };
}
