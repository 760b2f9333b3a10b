/**
 * A dialog with a form: 取消 and 确定, refusals of the server at the fields they name (the others above the form),
 * and no second submission while the first is under way. 取消, × and Escape close it; nothing is sent.
 */
import { Alert, Form, type FormInstance, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, messageOf } from '../api';
import { language } from '../i18n';

export interface FormDialogProps<Values extends object> {
  title: string;
  /** What the fields hold at first. */
  initial?: Partial<Values>;
  /** Sends the command. The dialog closes when it succeeds and shows why when it is refused. */
  onSubmit: (values: Values) => Promise<unknown>;
  onClose: () => void;
  /** `Form.Item`s, each named as the field of the request's body, so that refusals find them. */
  children: ReactNode | ((form: FormInstance<Values>) => ReactNode);
  /** Above the fields, for example a warning. */
  notice?: ReactNode;
  okText?: string;
  danger?: boolean;
  width?: number;
  okDisabled?: boolean;
}

/** Mount it to open it, unmount it to close it: every opening begins afresh. */
export function FormDialog<Values extends object>(props: FormDialogProps<Values>) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const submit = async (values: Values) => {
    setPending(true);
    setRefusal(undefined);
    try {
      await props.onSubmit(values);
      props.onClose();
    } catch (error) {
      setRefusal(showAtFields(form, error) ? undefined : messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return (
    <Modal
      open
      title={props.title}
      onCancel={props.onClose}
      onOk={form.submit}
      okText={props.okText ?? t('confirm')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ danger: props.danger ?? false, disabled: props.okDisabled ?? false }}
      mask={{ closable: false }}
      width={props.width ?? 520}
      destroyOnHidden
    >
      {props.notice}
      {refusal && <Alert type="error" title={refusal} showIcon className="form-refusal" role="alert" />}
      <Form<Values>
        form={form}
        layout="vertical"
        scrollToFirstError
        {...(props.initial ? { initialValues: props.initial } : {})}
        onFinish={(values) => void submit(values)}
      >
        {typeof props.children === 'function' ? props.children(form) : props.children}
      </Form>
    </Modal>
  );
}

/** Put the refusals of fields at their fields; false when some have none in this form. */
export function showAtFields<Values extends object>(form: FormInstance<Values>, error: unknown): boolean {
  if (!(error instanceof ApiError) || error.fields.length === 0) {
    return false;
  }
  const known = new Set(Object.keys(form.getFieldsValue(true) as object));
  const placed = error.fields.filter(({ field }) => known.has((field ?? '').split('.')[0] ?? ''));
  const errors = placed.map(({ field, message }) => ({ name: [(field ?? '').split('.')[0] ?? ''], errors: [message] }));
  form.setFields(errors as unknown as Parameters<typeof form.setFields>[0]);
  return placed.length === error.fields.length;
}
