/** ISVs and customers: register them, and keep the users of customers and of the operator (G-02, G-10, G-12). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { FormDialog } from '../../wrappers/FormDialog';
import { ListPage } from '../../wrappers/ListPage';
import { oneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { PasswordOnce, type PasswordOnceProps } from '../settings/PasswordOnce';
import { PartyUsers } from './PartyUsers';
import type { Party } from './party';

type Secret = Omit<PasswordOnceProps, 'onClose'>;

const KINDS = ['isv', 'customer', 'operator', 'marketplace'] as const;
const FILTERS = { tab: oneOf(KINDS, 'isv'), name: text };

export default function Parties() {
  const { t } = useTranslation('operator');
  const filters = useFilters(FILTERS);
  const kind = filters.values.tab;
  const query = { kind, ...(filters.query.name ? { name: filters.query.name } : {}) };
  const list = useList<Party>(['parties', query], (page) =>
    answer(api.GET('/api/v1/parties', { params: { query: { ...query, ...page } } })),
  );
  const [creating, setCreating] = useState(false);
  const [users, setUsers] = useState<Party>();
  const [secret, setSecret] = useState<Secret>();
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t('parties.create')}
    </Button>
  );
  return (
    <>
      <ListPage<Party>
        name="parties"
        title={t('parties.title')}
        hint={<p className="secondary page-hint">{t('parties.hint')}</p>}
        extra={create}
        tabs={{ active: kind, items: KINDS.map((key) => ({ key, label: t(`parties.kinds.${key}`) })) }}
        onTab={(chosen) => filters.apply({ tab: chosen as (typeof KINDS)[number] })}
        query={{
          fields: [{ kind: 'text', name: 'name', label: t('parties.nameOrNumber'), first: true }],
          values: { name: filters.values.name },
          onSearch: filters.apply,
          onReset: () => filters.reset(['tab']),
        }}
        isFiltered={filters.query.name !== undefined}
        list={list}
        rowKey="party_id"
        columns={[
          { key: 'name', title: t('parties.name'), render: ({ name }) => name },
          {
            key: 'account',
            title: t(kind === 'customer' ? 'parties.number' : 'parties.account'),
            render: (party) => party.customer_number ?? party.account,
          },
          { key: 'registered_at', title: t('parties.registeredAt'), render: (one) => minuteText(one.registered_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 140,
            // The marketplace's account is a machine's.
            render: (party) =>
              party.kind === 'marketplace' ? (
                '--'
              ) : (
                <EditButton
                  label={t(party.kind === 'isv' ? 'parties.mainAccount' : 'parties.users')}
                  name={party.name}
                  onClick={() => setUsers(party)}
                />
              ),
          },
        ]}
        empty={{ title: t('parties.empty'), hint: t('parties.emptyHint'), action: create }}
      />
      {creating && <PartyForm kind={kind} onCreated={setSecret} onClose={() => setCreating(false)} />}
      {users && <PartyUsers party={users} onSecret={setSecret} onClose={() => setUsers(undefined)} />}
      {secret && <PasswordOnce {...secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

interface Values {
  kind: 'isv' | 'customer';
  name: string;
  number: string;
  login_name: string;
  user_name: string;
}

function PartyForm(props: { kind: string; onCreated: (secret: Secret) => void; onClose: () => void }) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ kind, name, number, login_name, user_name }: Values) => {
    const user = kind === 'customer' ? { login_name, name: user_name } : null;
    const created = await answer(
      api.POST('/api/v1/parties', { body: { kind, name: name.trim(), number: number.trim(), user } as NewParty }),
    );
    await queries.invalidateQueries();
    if (created.user) {
      props.onCreated({ kind: 'created', loginName: created.user.login_name, password: created.initial_password });
    } else {
      void message.success(t('form.saved', { ns: 'app' }));
    }
  };
  return (
    <FormDialog<Values>
      title={t('parties.create')}
      draft={['party', 'new']}
      at={{ 'number-taken': 'number', 'login-name-taken': 'login_name' }}
      initial={{ kind: props.kind === 'customer' ? 'customer' : 'isv' }}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Form.Item name="kind" label={t('parties.kind')}>
        <Select
          options={(['isv', 'customer'] as const).map((value) => ({ value, label: t(`parties.kinds.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="name" label={t('parties.name')} rules={[required]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item noStyle dependencies={['kind']}>
        {({ getFieldValue }) => {
          const isCustomer = getFieldValue('kind') === 'customer';
          return (
            <>
              <Form.Item
                name="number"
                label={t(isCustomer ? 'parties.number' : 'parties.account')}
                extra={t(isCustomer ? 'parties.numberHint' : 'parties.accountHint')}
                rules={[required]}
              >
                <Input maxLength={64} autoComplete="off" />
              </Form.Item>
              {isCustomer && (
                <>
                  <Form.Item name="login_name" label={t('parties.loginName')} rules={[required]}>
                    <Input maxLength={64} autoComplete="off" />
                  </Form.Item>
                  <Form.Item name="user_name" label={t('parties.userName')} rules={[required]}>
                    <Input maxLength={64} autoComplete="off" />
                  </Form.Item>
                </>
              )}
            </>
          );
        }}
      </Form.Item>
    </FormDialog>
  );
}

type NewParty = Schema<'IdentityNewParty'>;
