/** 两步验证 of the caller: turned on with the password and a first code, turned off with a code. */
import { App, Button, Flex, Form, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queries } from '../../api/queries';
import { FactorSecret } from '../../session/FactorSecret';
import { begin, confirm, giveUp, isCode, type Secret } from '../../session/secondFactor';
import type { Me } from '../../session/session';
import { Section } from '../../wrappers/DetailPage';
import { FormDialog } from '../../wrappers/FormDialog';

export function SecondFactor({ me }: { me: Me }) {
  const { t } = useTranslation('session');
  const [open, setOpen] = useState<'on' | 'off'>();
  const close = () => setOpen(undefined);
  return (
    <Section title={t('factor.title')}>
      <p>
        {t(me.second_factor ? 'factor.on' : 'factor.off')}
        {me.second_factor_demanded && <> {t('factor.isDemanded')}</>}
      </p>
      <Flex gap="small" align="center">
        {me.second_factor ? (
          <Button danger disabled={me.second_factor_demanded} onClick={() => setOpen('off')}>
            {t('factor.turnOff')}
          </Button>
        ) : (
          <Button onClick={() => setOpen('on')}>{t('factor.turnOn')}</Button>
        )}
        {me.second_factor && <Tag color="success">✓</Tag>}
      </Flex>
      {open === 'on' && <TurnOn loginName={me.login_name} onClose={close} />}
      {open === 'off' && <TurnOff onClose={close} />}
    </Section>
  );
}

interface On {
  password: string;
  code?: string;
}

function TurnOn({ loginName, onClose }: { loginName: string; onClose: () => void }) {
  const { t } = useTranslation('session');
  const { message } = App.useApp();
  const [secret, setSecret] = useState<Secret>();
  const submit = async ({ password, code }: On) => {
    if (secret === undefined) {
      setSecret(await begin(loginName, password));
      return 'stay' as const;
    }
    await confirm(loginName, password, code ?? '');
    await queries.invalidateQueries();
    void message.success(t('factor.done'));
    return undefined;
  };
  return (
    <FormDialog<On>
      title={t('factor.turnOn')}
      subject={loginName}
      okText={t(secret ? 'factor.turnOn' : 'factor.next')}
      at={{ 'bad-credentials': 'password', 'second-factor-wrong': 'code' }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="password"
        label={t('factor.password')}
        hidden={secret !== undefined}
        rules={[{ required: true, message: t('form.required', { ns: 'app' }) }]}
      >
        <Input.Password autoComplete="current-password" maxLength={200} />
      </Form.Item>
      {secret && (
        <>
          <FactorSecret {...secret} />
          <CodeField />
        </>
      )}
    </FormDialog>
  );
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('session');
  const { message } = App.useApp();
  return (
    <FormDialog<{ code: string }>
      title={t('factor.turnOff')}
      okText={t('factor.turnOff')}
      danger
      at={{ 'second-factor-wrong': 'code' }}
      onSubmit={async ({ code }) => {
        await giveUp(code);
        await queries.invalidateQueries();
        void message.success(t('factor.gone'));
      }}
      onClose={onClose}
    >
      <CodeField />
    </FormDialog>
  );
}

function CodeField() {
  const { t } = useTranslation('session');
  return (
    <Form.Item
      name="code"
      label={t('factor.code')}
      rules={[
        {
          validator: (_, typed: string | undefined) =>
            isCode(typed ?? '') ? Promise.resolve() : Promise.reject(new Error(t('factor.placeholder'))),
        },
      ]}
      extra={t('factor.help')}
    >
      <Input inputMode="numeric" autoComplete="one-time-code" maxLength={12} placeholder={t('factor.placeholder')} />
    </Form.Item>
  );
}
