/** A new password once more: what is typed unseen is typed twice. */
import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';

/** `of`: the field it must be like. */
export function PasswordAgain({ of, label }: { of: string; label: string }) {
  const { t } = useTranslation('session');
  return (
    <Form.Item
      name="again"
      label={label}
      dependencies={[of]}
      rules={[
        { required: true, message: t('form.required', { ns: 'app' }) },
        ({ getFieldValue }) => ({
          validator: (_, value) =>
            value && value !== getFieldValue(of)
              ? Promise.reject(new Error(t('password.different')))
              : Promise.resolve(),
        }),
      ]}
    >
      <Input.Password autoComplete="new-password" maxLength={200} />
    </Form.Item>
  );
}
