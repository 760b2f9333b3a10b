/** Change of the own password: present one, new one twice. Its rules are the server's; it says which one is broken. */
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../api';
import { language } from '../../i18n';
import { changePassword } from '../../session/session';
import { PasswordAgain } from './PasswordAgain';

interface Values {
  current: string;
  next: string;
}

export function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation('session');
  const [form] = Form.useForm<Values & { again: string }>();
  const [refusal, setRefusal] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const submit = async ({ current, next }: Values) => {
    setPending(true);
    setRefusal(undefined);
    try {
      await changePassword(current, next);
      form.resetFields();
      onChanged();
    } catch (error) {
      setRefusal(error);
    } finally {
      setPending(false);
    }
  };
  const required = { required: true, message: t('form.required', { ns: 'app' }) };
  return (
    <>
      {refusal !== undefined && (
        <Alert type="error" showIcon role="alert" className="form-refusal" title={messageOf(refusal, language())} />
      )}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void submit(values)}>
        <Form.Item name="current" label={t('password.current')} rules={[required]}>
          <Input.Password autoComplete="current-password" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="next"
          label={t('password.next')}
          dependencies={['current']}
          rules={[
            required,
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value && value === getFieldValue('current')
                  ? Promise.reject(new Error(t('password.same')))
                  : Promise.resolve(),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={200} />
        </Form.Item>
        <PasswordAgain of="next" label={t('password.again')} />
        <Button type="primary" htmlType="submit" loading={pending}>
          {t('password.submit')}
        </Button>
      </Form>
    </>
  );
}
