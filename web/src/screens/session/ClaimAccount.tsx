/** 开通账号: whoever came by a link gets an account of his own, which shows every project of the buyer. */
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { useAttempt } from '../../app/attempt';
import { enterAccount } from '../../session/guest';
import { Copyable } from '../../wrappers/Copyable';
import { Dialog } from '../../wrappers/Dialog';
import { FormDialog } from '../../wrappers/FormDialog';
import { useDetails } from '../projects/details';
import { mobileOf } from '../settings/mobile';
import { EmailField, MobileField } from '../settings/ReachFields';
import { PasswordAgain } from './PasswordAgain';

type Values = Schema<'IdentityNewAccount'> & { again: string };

/** What the account is signed in with for the first time; it stands in no draft. */
interface Made {
  loginName: string;
  password: string;
}

/** As long as a customer's name may be. */
const NAME = 64;

export function ClaimAccount({ projectId }: { projectId: string }) {
  const { t } = useTranslation('projects');
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<Made>();
  const details = useDetails(projectId).data;
  return (
    <>
      {details && (
        <p className="guest-foot">
          {t('claim.why')}{' '}
          <Button type="link" onClick={() => setOpen(true)}>
            {t('claim.title')}
          </Button>
        </p>
      )}
      {isOpen && (
        <ClaimForm customer={details?.business.customer_name ?? ''} onMade={setMade} onClose={() => setOpen(false)} />
      )}
      {made && <Welcome {...made} />}
    </>
  );
}

interface ClaimFormProps {
  /** What the order called the buyer. */
  customer: string;
  onMade: (made: Made) => void;
  onClose: () => void;
}

function ClaimForm({ customer, onMade, onClose }: ClaimFormProps) {
  const { t } = useTranslation(['projects', 'session']);
  const claim = async ({ again: _, ...typed }: Values) => {
    const { login_name } = await answer(
      api.POST('/api/v1/links/accounts', {
        body: {
          customer_name: typed.customer_name.trim(),
          login_name: typed.login_name.trim(),
          name: typed.name.trim(),
          mobile: mobileOf(typed.mobile ?? '') || null,
          email: typed.email?.trim() || null,
          landline: null,
          password: typed.password,
        },
      }),
    );
    onMade({ loginName: login_name, password: typed.password });
  };
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  return (
    <FormDialog<Values>
      title={t('claim.title')}
      notice={<p className="secondary">{t('claim.hint')}</p>}
      initial={customer === '--' ? {} : { customer_name: customer.slice(0, NAME) }}
      at={{ 'password-refused': 'password', 'login-name-taken': 'login_name' }}
      okText={t('claim.submit')}
      onSubmit={claim}
      onClose={onClose}
    >
      <Form.Item name="customer_name" label={t('claim.customer')} extra={t('claim.customerHint')} rules={[required]}>
        <Input maxLength={NAME} autoComplete="organization" />
      </Form.Item>
      <Form.Item name="name" label={t('claim.name')} rules={[required]}>
        <Input maxLength={NAME} autoComplete="name" />
      </Form.Item>
      <Form.Item name="login_name" label={t('session:login.name')} extra={t('claim.loginHint')} rules={[required]}>
        <Input maxLength={64} autoComplete="off" autoCapitalize="none" spellCheck={false} />
      </Form.Item>
      <Form.Item name="password" label={t('session:login.password')} rules={[required]}>
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
      <PasswordAgain of="password" label={t('claim.again')} />
      <MobileField extra={t('claim.reachHint')} isOwn />
      <EmailField isOwn />
    </FormDialog>
  );
}

/** The login name, which has to be known from now on; then everything the buyer has ordered. */
function Welcome({ loginName, password }: Made) {
  const { t } = useTranslation('projects');
  const navigate = useNavigate();
  const { attempt, pending, refusal } = useAttempt();
  const enter = () =>
    attempt(async () => {
      await enterAccount(loginName, password);
      await navigate('/');
    });
  return (
    <Dialog
      title={t('claim.done')}
      closable={false}
      keyboard={false}
      footer={
        <Button type="primary" loading={pending} onClick={() => void enter()}>
          {t('claim.enter')}
        </Button>
      }
    >
      {refusal && <Alert type="error" showIcon role="alert" className="form-refusal" title={refusal} />}
      <p>{t('claim.remember')}</p>
      <p className="claimed">
        <Copyable text={loginName} />
      </p>
    </Dialog>
  );
}
