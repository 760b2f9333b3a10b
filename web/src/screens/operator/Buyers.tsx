/** 未注册买家: who ordered and is not registered, so that nobody can act for them, and what waits for them (G-10). */
import { Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { PasswordOnce } from '../settings/PasswordOnce';
import { CustomerNumber } from './CustomerNumber';
import { PartyForm } from './PartyForm';
import type { Secret } from './party';

type Buyer = Schema<'ReportingBuyerOut'>;

export default function Buyers() {
  const { t } = useTranslation('operator');
  const list = useList<Buyer>(['unregistered-buyers'], (page) =>
    answer(api.GET('/api/v1/unregistered-buyers', { params: { query: page } })),
  );
  const [registering, setRegistering] = useState<Buyer>();
  const [secret, setSecret] = useState<Secret>();
  return (
    <>
      <ListPage<Buyer>
        name="unregistered-buyers"
        title={t('buyers.title')}
        hint={<p className="secondary page-hint">{t('buyers.hint')}</p>}
        list={list}
        rowKey="customer_id"
        columns={[
          { key: 'name', title: t('buyers.name'), render: (buyer) => buyer.customer_name ?? '--' },
          {
            key: 'number',
            title: t('parties.number'),
            render: (buyer) => (
              <CustomerNumber number={buyer.customer_number} marketplace={buyer.customer_marketplace} />
            ),
          },
          {
            key: 'orders',
            title: t('buyers.orders'),
            width: 320,
            lines: 0,
            render: (buyer) => <Orders buyer={buyer} />,
          },
          { key: 'waiting', title: t('buyers.waiting'), width: 120, render: (buyer) => buyer.waiting },
          { key: 'last', title: t('buyers.last'), width: 150, render: (buyer) => minuteText(buyer.last_order_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 100,
            render: (buyer) => (
              <EditButton
                label={t('parties.create')}
                name={buyer.customer_name ?? buyer.orders[0]?.order_number ?? ''}
                onClick={() => setRegistering(buyer)}
              />
            ),
          },
        ]}
        empty={{ title: t('buyers.empty'), hint: t('buyers.emptyHint') }}
      />
      {registering && (
        <PartyForm
          kind="customer"
          buyer={{
            name: registering.customer_name,
            number: registering.customer_number,
            marketplace: registering.customer_marketplace,
          }}
          onCreated={setSecret}
          onClose={() => setRegistering(undefined)}
        />
      )}
      {secret && <PasswordOnce {...secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

/** The first of a buyer's orders, those that wait for the buyer marked. */
function Orders({ buyer }: { buyer: Buyer }) {
  const { t } = useTranslation('operator');
  return (
    <Flex vertical>
      {buyer.orders.map((order) => (
        <span key={order.project_id}>
          <Link to={`/operator/projects/${order.project_id}`}>{order.order_number}</Link> {order.stage}{' '}
          {order.waits && <Tag color="orange">{t('buyers.waits')}</Tag>}
        </span>
      ))}
      {buyer.projects > buyer.orders.length && (
        <span className="secondary">{t('buyers.more', { count: buyer.projects - buyer.orders.length })}</span>
      )}
    </Flex>
  );
}
