/** 手机号 and 邮箱, by which people are reached: alike wherever they are asked for. */
import { Form, Input } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isMobile } from './mobile';

interface FieldProps {
  label?: string;
  placeholder?: string;
  extra?: ReactNode;
  /** Whether the browser may fill in what it knows of the person before it. */
  isOwn?: boolean;
}

export function MobileField({ label, placeholder, extra, isOwn = false }: FieldProps) {
  const { t } = useTranslation('session');
  return (
    <Form.Item
      name="mobile"
      label={label ?? t('profile.mobile')}
      extra={extra}
      rules={[
        {
          validator: (_, value: string | undefined) =>
            isMobile(value ?? '') ? Promise.resolve() : Promise.reject(new Error(t('profile.invalidMobile'))),
        },
      ]}
    >
      <Input placeholder={placeholder} maxLength={30} autoComplete={isOwn ? 'tel' : 'off'} inputMode="tel" />
    </Form.Item>
  );
}

export function EmailField({ label, placeholder, extra, isOwn = false }: FieldProps) {
  const { t } = useTranslation('session');
  return (
    <Form.Item
      name="email"
      label={label ?? t('profile.email')}
      extra={extra}
      rules={[{ type: 'email', message: t('profile.invalidEmail') }]}
    >
      <Input placeholder={placeholder} maxLength={254} autoComplete={isOwn ? 'email' : 'off'} inputMode="email" />
    </Form.Item>
  );
}
