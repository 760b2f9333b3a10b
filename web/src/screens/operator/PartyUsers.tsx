/** The users of a customer or of the operator, and the main account of an ISV: list, add, delete, take care of. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button, Flex, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { DataTable } from '../../wrappers/DataTable';
import { FormDialog } from '../../wrappers/FormDialog';
import { SidePanel } from '../../wrappers/SidePanel';
import { Failed } from '../../wrappers/states';
import { EditButton } from '../reference/EditButton';
import { mobileOf } from '../settings/mobile';
import type { PasswordOnceProps } from '../settings/PasswordOnce';
import { EmailField, MobileField } from '../settings/ReachFields';
import { RowMenu } from '../settings/RowMenu';
import { useAccountCare } from '../settings/useAccountCare';
import type { Party } from './party';

type User = Schema<'IdentityUserOut'>;
type Secret = Omit<PasswordOnceProps, 'onClose'>;

export function PartyUsers(props: { party: Party; onSecret: (secret: Secret) => void; onClose: () => void }) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const [adding, setAdding] = useState(false);
  const { party } = props;
  // An ISV keeps its users itself; of its main account the platform takes care, as nobody else can.
  const isIsv = party.kind === 'isv';
  const care = useAccountCare(props.onSecret);
  const path = { party_id: party.party_id };
  const users = useQuery({
    queryKey: ['party-users', party.party_id],
    queryFn: () => answer(api.GET('/api/v1/parties/{party_id}/users', { params: { path } })),
  });
  const remove = (user: User) =>
    care.asked(t('users.removeAsk', { name: user.name }), t('users.remove'), async () => {
      await api.DELETE('/api/v1/parties/{party_id}/users/{user_id}', {
        params: { path: { ...path, user_id: user.user_id } },
      });
      await queries.invalidateQueries();
      void message.success(t('users.removed'));
    });
  return (
    <SidePanel
      size={720}
      title={t('users.title', { name: party.name })}
      onClose={props.onClose}
      extra={
        !isIsv && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t('users.add')}
          </Button>
        )
      }
    >
      {users.error ? (
        <Failed error={users.error} retry={() => void users.refetch()} />
      ) : (
        <DataTable<User>
          rowKey="user_id"
          size="middle"
          isLoading={users.isLoading}
          rows={users.data?.items ?? []}
          empty={t('users.empty')}
          columns={[
            { key: 'login_name', title: t('users.loginName'), width: 180, render: (row) => row.login_name },
            { key: 'name', title: t('users.name'), width: 110, render: (row) => row.name },
            {
              key: 'created_at',
              title: t('users.createdAt'),
              width: 144,
              render: (user) => minuteText(user.created_at),
            },
            {
              key: 'operation',
              title: t('list.operation', { ns: 'app' }),
              width: 238,
              lines: 0,
              render: (user) => (
                <Flex gap={12}>
                  <EditButton label={t('users.reset')} name={user.name} onClick={() => care.reset(user)} />
                  {!isIsv && (
                    <EditButton danger label={t('users.remove')} name={user.name} onClick={() => remove(user)} />
                  )}
                  <RowMenu
                    name={user.name}
                    items={[
                      { key: 'sessions', label: t('users.endSessions'), onClick: () => care.endSessions(user) },
                      ...(user.second_factor
                        ? [{ key: 'factor', label: t('users.takeFactor'), onClick: () => care.takeFactor(user) }]
                        : []),
                    ]}
                  />
                </Flex>
              ),
            },
          ]}
        />
      )}
      {adding && <UserForm party={party} onCreated={props.onSecret} onClose={() => setAdding(false)} />}
    </SidePanel>
  );
}

type Values = Schema<'IdentityFirstUserIn'>;

function UserForm(props: { party: Party; onCreated: (secret: Secret) => void; onClose: () => void }) {
  const { t } = useTranslation('operator');
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ login_name, name, mobile, email }: Values) => {
    const created = await answer(
      api.POST('/api/v1/parties/{party_id}/users', {
        params: { path: { party_id: props.party.party_id } },
        body: {
          login_name,
          name: name.trim(),
          mobile: mobileOf(mobile ?? '') || null,
          email: email?.trim() || null,
          landline: null,
        },
      }),
    );
    await queries.invalidateQueries();
    props.onCreated({ kind: 'created', loginName: created.login_name, password: created.initial_password });
  };
  return (
    <FormDialog<Values>
      title={t('users.add')}
      subject={props.party.name}
      draft={['party-user', props.party.party_id]}
      at={{ 'login-name-taken': 'login_name' }}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Form.Item name="login_name" label={t('users.loginName')} rules={[required]}>
        <Input maxLength={64} autoComplete="off" />
      </Form.Item>
      <Form.Item name="name" label={t('users.name')} rules={[required]}>
        <Input maxLength={64} autoComplete="off" />
      </Form.Item>
      <MobileField label={t('users.mobile')} />
      <EmailField label={t('users.email')} />
    </FormDialog>
  );
}
