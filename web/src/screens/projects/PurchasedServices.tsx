/** 已购服务: what the account signed in has bought, with 管理 to act as its customer (S-01 … S-10). */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Tag } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { useEntrance } from '../../app/entrance';
import { dayText, minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { lazily } from '../../wrappers/lazily';
import { oneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';
import { useWaiting } from '../home/useWork';

const TestOrder = lazily(() => import('./TestOrder'));

type Service = Schema<'ReportingPurchasedServiceOut'>;
type State = 'running' | 'completed' | 'paused' | 'cancelled';
const DOTS = { running: 'processing', completed: 'success', paused: 'warning', cancelled: 'default' } as const;

const TABS = ['all', 'waiting'] as const;
const FILTERS = { tab: oneOf(TABS, 'all'), order_number: text, product_name: text };

export default function PurchasedServices() {
  const { t } = useTranslation('projects');
  const filters = useFilters(FILTERS);
  const { tab, ...looked } = filters.query;
  const onlyWaiting = tab === 'waiting';
  const state = useListState();
  const isCustomer = useEntrance() === 'customer';
  const [ordering, setOrdering] = useState(false);
  const list = useList(['purchased-services', filters.query], (page) =>
    answer(
      api.GET('/api/v1/purchased-services', {
        params: { query: { ...looked, ...(onlyWaiting ? { waiting: true } : {}), ...page } },
      }),
    ),
  );
  const waitsInAll = useQuery({
    queryKey: ['purchased-services', 'waiting'],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/purchased-services', { params: { query: { waiting: true, limit: 1 } } }))).total,
  });
  const counts = { all: tab === 'all' ? list.total : undefined, waiting: waitsInAll.data };
  const testOrder = !isCustomer && (
    <Button icon={<PlusOutlined />} onClick={() => setOrdering(true)}>
      {t('purchased.test')}
    </Button>
  );
  const waiting = useWaiting(list.rows.filter(({ state }) => state === 'running').map(({ project_id }) => project_id));
  const stateOf = (row: Service) => {
    const waits = waiting.get(row.project_id);
    return (
      <>
        <Badge status={DOTS[row.state as State]} text={t(`purchased.states.${row.state as State}`)} />
        {waits && (
          <div>
            <Tag color="blue" className="wrapping">
              {t('purchased.waits', { asked: waits.asked })}
            </Tag>
          </div>
        )}
      </>
    );
  };
  // Those that wait for the customer first; the others as the API orders them.
  const rows = list.rows.toSorted((a, b) => Number(waiting.has(b.project_id)) - Number(waiting.has(a.project_id)));
  return (
    <>
      <ListPage<Service>
        name="purchased"
        title={t('purchased.title')}
        extra={testOrder}
        tabs={{
          active: filters.values.tab,
          items: TABS.map((key) => ({ key, label: t(`purchased.tabs.${key}`), count: counts[key] })),
        }}
        onTab={(chosen) => filters.apply({ tab: chosen as (typeof TABS)[number] })}
        query={{
          fields: [
            {
              kind: 'text',
              name: 'order_number',
              label: t('purchased.order'),
              placeholder: t('filters.orderPlaceholder'),
              first: true,
            },
            { kind: 'text', name: 'product_name', label: t('purchased.product'), first: true },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values),
          onReset: () => filters.reset(['tab']),
        }}
        list={{ ...list, rows }}
        rowKey="project_id"
        columns={[
          { key: 'order', title: t('purchased.order'), width: 128, render: (row) => row.order_number },
          { key: 'product', title: t('purchased.product'), width: 130, render: (row) => row.product_name },
          { key: 'edition', title: t('purchased.edition'), width: 110, render: (row) => row.edition ?? '--' },
          { key: 'created', title: t('purchased.created'), width: 138, render: (row) => minuteText(row.created_at) },
          { key: 'vendor', title: t('purchased.vendor'), width: 112, render: (row) => row.vendor_name ?? '--' },
          { key: 'expires', title: t('purchased.expires'), width: 132, render: (row) => dayText(row.valid_until) },
          { key: 'state', title: t('purchased.state'), width: 148, lines: 0, render: stateOf },
          {
            key: 'operation',
            title: t('purchased.operation'),
            fixed: true,
            width: 76,
            render: (row) => (
              <Link to={row.project_id} state={state} aria-label={`${t('purchased.manage')} ${row.order_number}`}>
                {t('purchased.manage')}
              </Link>
            ),
          },
        ]}
        phone={{
          title: t('purchased.title'),
          render: (row) => (
            <div className="card-cell">
              <strong>{row.product_name}</strong>
              {stateOf(row)}
              <span className="secondary">{`${row.order_number} · ${row.edition ?? '--'}`}</span>
              <span className="secondary">{`${row.vendor_name ?? '--'} · ${minuteText(row.created_at)}`}</span>
            </div>
          ),
        }}
        empty={
          onlyWaiting
            ? { title: t('purchased.emptyWaiting'), hint: t('purchased.emptyWaitingHint') }
            : {
                title: t('purchased.empty'),
                hint: t(isCustomer ? 'purchased.emptyCustomer' : 'purchased.emptyHint'),
                action: testOrder,
              }
        }
        isFiltered={Object.keys(looked).length > 0}
      />
      <Suspense>{ordering && <TestOrder onClose={() => setOrdering(false)} />}</Suspense>
    </>
  );
}
