/** 个人信息: own data and own password; account, party, department and roles are shown only (U-37, U-38). */
import { useMutation } from '@tanstack/react-query';
import { Alert, App, Button, Descriptions, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { language } from '../../i18n';
import { type Me, useMe } from '../../session/session';
import { Copyable } from '../../wrappers/Copyable';
import { Section } from '../../wrappers/DetailPage';
import { PageTitle } from '../../wrappers/PageTitle';
import { showAtFields } from '../../wrappers/refusals';
import { Failed, Waiting } from '../../wrappers/states';
import { PasswordForm } from '../session/PasswordForm';
import { ContactFields, type ContactValues, contactBody } from './ContactFields';
import { Devices } from './Devices';
import { splitLandline } from './landline';
import { Notifications } from './Notifications';
import { EmailField } from './ReachFields';
import { SecondFactor } from './SecondFactor';

type Values = ContactValues & { email?: string };

export default function Profile() {
  const { t } = useTranslation('session');
  const { message } = App.useApp();
  const me = useMe();
  if (me.error) {
    return <Failed error={me.error} retry={() => void me.refetch()} />;
  }
  if (!me.data) {
    return <Waiting />;
  }
  return (
    <div className="columns">
      <PageTitle className="page-title">{t('profile.title')}</PageTitle>
      <Section title={t('profile.account')}>
        <Descriptions
          column={1}
          items={[
            { key: 'login', label: t('profile.loginName'), children: <Copyable text={me.data.login_name} /> },
            { key: 'party', label: t('profile.party'), children: me.data.party_name },
            { key: 'department', label: t('profile.department'), children: me.data.department_name ?? '--' },
            { key: 'roles', label: t('profile.roles'), children: me.data.roles.map(({ name }) => name).join('、') },
          ]}
        />
      </Section>
      <Section title={t('profile.data')}>
        <DataForm me={me.data} key={me.data.revision} />
      </Section>
      <Section title={t('password.submit')}>
        <PasswordForm onChanged={() => void message.success(t('password.changed'))} />
      </Section>
      <Notifications />
      <SecondFactor me={me.data} />
      <Devices />
    </div>
  );
}

function DataForm({ me }: { me: Me }) {
  const { t } = useTranslation('session');
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const save = useMutation({
    mutationFn: (values: Values) =>
      answer(api.PUT('/api/v1/me', { body: { ...contactBody(values), email: values.email?.trim() || null } })),
    onSuccess: () => void message.success(t('profile.saved')),
    onError: (error) => showAtFields(form, error),
  });
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      initialValues={{
        name: me.name,
        mobile: me.mobile ?? '',
        landline: splitLandline(me.landline),
        email: me.email ?? '',
      }}
      onFinish={(values) => save.mutate(values)}
    >
      {save.error && (
        <Alert type="error" showIcon role="alert" className="form-refusal" title={messageOf(save.error, language())} />
      )}
      <ContactFields />
      <EmailField isOwn />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('profile.save')}
      </Button>
    </Form>
  );
}
