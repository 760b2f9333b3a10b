/** 登录: the own login page of all accounts (U-33, U-34). */
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { messageOf } from '../../api';
import { language } from '../../i18n';
import { signIn, useTokens } from '../../session/session';
import { Entry } from './Entry';

export function Login() {
  const { t } = useTranslation('session');
  const held = useTokens();
  const state: unknown = useLocation().state;
  const [refusal, setRefusal] = useState<unknown>();
  const [pending, setPending] = useState(false);
  if (held !== null) {
    const from = typeof state === 'object' && state !== null && 'from' in state ? String(state.from) : '/';
    return <Navigate to={from} replace />;
  }
  const submit = async ({ name, password }: { name: string; password: string }) => {
    setPending(true);
    try {
      await signIn(name.trim(), password);
    } catch (error) {
      setRefusal(error);
      setPending(false);
    }
  };
  return (
    <Entry>
      <h1>{t('login.title')}</h1>
      {refusal !== undefined && (
        <Alert type="error" showIcon role="alert" className="form-refusal" title={messageOf(refusal, language())} />
      )}
      <Form layout="vertical" size="large" requiredMark={false} onFinish={(values) => void submit(values)}>
        <Form.Item
          name="name"
          label={t('login.name')}
          rules={[{ required: true, whitespace: true, message: t('login.namePlaceholder') }]}
        >
          <Input placeholder={t('login.namePlaceholder')} autoComplete="username" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('login.password')}
          rules={[{ required: true, message: t('login.passwordPlaceholder') }]}
        >
          <Input.Password
            placeholder={t('login.passwordPlaceholder')}
            autoComplete="current-password"
            maxLength={200}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={pending}>
          {t('login.submit')}
        </Button>
      </Form>
    </Entry>
  );
}
