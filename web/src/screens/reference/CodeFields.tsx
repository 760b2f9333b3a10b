/** The fields that every piece of reference data has: its code, fixed once it exists, its name, and 启用. */
import { Form, Input, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { CODE } from './whole';

export interface CodeFieldsProps {
  isNew: boolean;
  nameLabel: string;
  namePlaceholder: string;
}

export function CodeFields({ isNew, nameLabel, namePlaceholder }: CodeFieldsProps) {
  const { t } = useTranslation('reference');
  return (
    <>
      <Form.Item
        name="name"
        label={nameLabel}
        rules={[{ required: true, whitespace: true, message: t('form.required', { ns: 'app' }) }]}
      >
        <Input placeholder={namePlaceholder} maxLength={50} />
      </Form.Item>
      <Form.Item
        name="code"
        label={t('code')}
        extra={isNew ? t('codeHint') : undefined}
        rules={[{ required: isNew, pattern: CODE, message: t('codeInvalid') }]}
      >
        <Input disabled={!isNew} maxLength={50} autoComplete="off" />
      </Form.Item>
      {!isNew && (
        <Form.Item name="active" label={t('active')} valuePropName="checked" extra={t('activeHint')}>
          <Switch />
        </Form.Item>
      )}
    </>
  );
}
