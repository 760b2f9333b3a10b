/** ISVs and customers: register them, and keep the users of customers and of the operator (G-02, G-10, G-12). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { oneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { PasswordOnce } from '../settings/PasswordOnce';
import { useAccountCare } from '../settings/useAccountCare';
import { CustomerNumber } from './CustomerNumber';
import { PartyForm } from './PartyForm';
import { PartyUsers } from './PartyUsers';
import type { Party, Secret } from './party';

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
  const { asked } = useAccountCare(setSecret);
  const { message } = App.useApp();
  const forget = (party: Party) =>
    asked(t('parties.forgetAsk', { name: party.name }), t('parties.forget'), async () => {
      await api.DELETE('/api/v1/parties/{party_id}/personal-data', {
        params: { path: { party_id: party.party_id } },
      });
      await queries.invalidateQueries();
      void message.success(t('parties.forgetting'));
    });
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
        extra={
          <>
            <Link to="/operator/buyers">
              <Button tabIndex={-1}>{t('buyers.title')}</Button>
            </Link>
            {create}
          </>
        }
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
          {
            key: 'name',
            title: t('parties.name'),
            render: ({ name, people, kind }) => (
              <>
                {name || <span className="secondary">{t('parties.forgotten')}</span>}{' '}
                {kind === 'customer' && name && people === 0 && <Tag color="orange">{t('parties.nobody')}</Tag>}
              </>
            ),
          },
          {
            key: 'account',
            title: t(kind === 'customer' ? 'parties.number' : 'parties.account'),
            render: ({ kind, account, customer_number, marketplace }) => (
              <>
                {customer_number ? <CustomerNumber number={customer_number} marketplace={marketplace} /> : account}{' '}
                {kind === 'customer' && !customer_number && <Tag>{t('parties.claimed')}</Tag>}
              </>
            ),
          },
          { key: 'registered_at', title: t('parties.registeredAt'), render: (one) => minuteText(one.registered_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 200,
            // The marketplace's account is a machine's.
            render: (party) =>
              party.kind === 'marketplace' ? (
                '--'
              ) : (
                <Flex gap={12}>
                  <EditButton
                    label={t(party.kind === 'isv' ? 'parties.mainAccount' : 'parties.users')}
                    name={party.name}
                    onClick={() => setUsers(party)}
                  />
                  {party.kind === 'customer' && party.name && (
                    <EditButton danger label={t('parties.forget')} name={party.name} onClick={() => forget(party)} />
                  )}
                </Flex>
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
