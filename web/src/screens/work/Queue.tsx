/** 排队情况 of vendor and provider: what waits, why, and 分单 for one or several (D-13 … D-18, D-33, D-36, D-40 … D-45). */
import { App, Button, Flex, Tag } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { minuteText, secondText } from '../../app/times';
import { language } from '../../i18n';
import { Lines } from '../../wrappers/Clamped';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { lazily } from '../../wrappers/lazily';
import type { QueryField } from '../../wrappers/QueryBar';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useQueueReason } from '../projects/useQueueReason';
import { useSpan } from '../projects/useSpan';
import { DispatchResults } from './DispatchResults';
import { dispatch, type Waiting } from './dispatching';
import { useRefreshed } from './useRefreshed';
import { WhyQueued } from './WhyQueued';

const ChangeAssignee = lazily(async () => ({ default: (await import('../projects/ChangeAssignee')).ChangeAssignee }));

const ChangeProvider = lazily(async () => ({ default: (await import('../projects/ChangeProvider')).ChangeProvider }));

const FILTERS = { order_number: text, provider_name: text };

export default function Queue() {
  const { t } = useTranslation('work');
  const entrance = useEntrance() === 'vendor' ? 'vendor' : 'provider';
  const filters = useFilters(FILTERS);
  const query = { entrance, ...filters.query } as const;
  const list = useList(['queue', query], (page) =>
    answer(api.GET('/api/v1/queue', { params: { query: { ...query, ...page } } })),
  );
  useRefreshed('queue');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [trying, setTrying] = useState<readonly Waiting[]>();
  const [why, setWhy] = useState<Waiting>();
  const [leading, setLeading] = useState<Waiting>();
  const [moving, setMoving] = useState<Waiting>();
  const columns = useColumns(entrance, setWhy, setLeading);
  // Rows that have left the queue are no longer chosen.
  const rows = list.rows.filter((row) => chosen.includes(row.request_id));
  const fields: QueryField[] = [
    {
      kind: 'text',
      name: 'order_number',
      label: t('queue.order'),
      placeholder: t('queue.orderPlaceholder'),
      first: true,
    },
  ];
  if (entrance === 'vendor') {
    fields.push({
      kind: 'text',
      name: 'provider_name',
      label: t('queue.provider'),
      placeholder: t('queue.providerPlaceholder'),
      first: true,
    });
  }
  return (
    <>
      <ListPage<Waiting>
        name={`queue-${entrance}`}
        title={t('queue.title')}
        hint={<p className="page-hint">{t(entrance === 'vendor' ? 'queue.hintVendor' : 'queue.hintProvider')}</p>}
        extra={
          <Button disabled={rows.length === 0} onClick={() => setTrying(rows)}>
            {rows.length === 0 ? t('queue.dispatchNone') : t('queue.dispatchChosen', { count: rows.length })}
          </Button>
        }
        query={{ fields, values: filters.values, onSearch: filters.apply, onReset: () => filters.reset() }}
        list={list}
        columns={columns}
        rowKey="request_id"
        selection={{
          selectedRowKeys: rows.map((row) => row.request_id),
          onChange: (keys) => setChosen(keys.map(String)),
          getCheckboxProps: (row) => ({
            disabled: row.suspended,
            'aria-label': t('queue.choose', { order: row.order_number }),
          }),
          getTitleCheckboxProps: () => ({ 'aria-label': t('queue.chooseAll') }),
        }}
        empty={{ title: t('queue.empty'), hint: t('queue.emptyHint') }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      {trying && (
        <DispatchResults
          rows={trying}
          onClose={() => {
            setTrying(undefined);
            setChosen([]);
          }}
        />
      )}
      {leading?.role && (
        <ChangeAssignee
          projectId={leading.project_id}
          subject={`${leading.order_number} ${leading.product_name ?? ''}`.trim()}
          role={leading.role}
          onClose={() => setLeading(undefined)}
        />
      )}
      {why && (
        <WhyQueued
          row={why}
          entrance={entrance}
          onChangeProvider={() => {
            setWhy(undefined);
            setMoving(why);
          }}
          onClose={() => setWhy(undefined)}
        />
      )}
      {moving && (
        <Suspense>
          <ChangeProvider
            projectId={moving.project_id}
            subject={`${moving.order_number} · ${moving.product_name ?? '--'}`}
            productId={moving.product_id}
            provider={{ id: moving.provider_id, name: moving.provider_name }}
            onClose={() => setMoving(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}

/** D-13 for the vendor, D-40 for the provider. */
function useColumns(
  entrance: 'vendor' | 'provider',
  onWhy: (row: Waiting) => void,
  onLead: (row: Waiting) => void,
): Column<Waiting>[] {
  const { t } = useTranslation('work');
  const reasonOf = useQueueReason();
  const span = useSpan();
  return [
    {
      key: 'order',
      title: t('queue.order'),
      width: 116,
      render: (row) => <Link to={`/${entrance}/projects/${row.project_id}`}>{row.order_number}</Link>,
    },
    { key: 'product', title: t('queue.product'), width: 120, render: (row) => row.product_name ?? '--' },
    { key: 'customer', title: t('queue.customer'), width: 100, render: (row) => row.customer_name ?? '--' },
    entrance === 'vendor'
      ? { key: 'provider', title: t('queue.provider'), width: 100, render: (row) => row.provider_name ?? '--' }
      : { key: 'vendor', title: t('queue.vendor'), width: 100, render: (row) => row.vendor_name ?? '--' },
    {
      key: 'reason',
      width: 168,
      lines: 4,
      title: t('queue.reason'),
      render: (row) => (
        <>
          {reasonOf(row.reason, row.reason_text)}
          {row.role_name && <div className="secondary">{t('queue.role', { role: row.role_name })}</div>}
          {row.department_name && (
            <div className="secondary">
              {t(row.department_deleted ? 'queue.departmentGone' : 'queue.department', { name: row.department_name })}
            </div>
          )}
          {row.suspended && <Tag color="orange">{t('queue.suspended')}</Tag>}
        </>
      ),
    },
    {
      key: 'attempt',
      title: t('queue.attempt'),
      width: 156,
      lines: 0,
      render: (row) => (
        <Lines
          first={secondText(row.last_attempt)}
          others={[
            t('queue.waiting', { time: span(row.waiting_seconds) }),
            ...(row.next_attempt ? [t('queue.next', { time: minuteText(row.next_attempt).slice(-5) })] : []),
          ]}
        />
      ),
    },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: entrance === 'provider' ? 168 : 136,
      render: (row) => (
        <Flex gap={12}>
          <DispatchButton row={row} />
          {entrance === 'provider' && row.role && (
            <Button
              type="link"
              size="small"
              className="row-button"
              aria-label={t('queue.leadOne', { order: row.order_number })}
              onClick={() => onLead(row)}
            >
              {t('queue.lead')}
            </Button>
          )}
          <Button
            type="link"
            size="small"
            className="row-button"
            aria-label={t('queue.whyOne', { order: row.order_number })}
            onClick={() => onWhy(row)}
          >
            {t('queue.why')}
          </Button>
        </Flex>
      ),
    },
  ];
}

/** 分单: says what came of it, and shows the new reason and time (D-36). */
function DispatchButton({ row }: { row: Waiting }) {
  const { t } = useTranslation('work');
  const { message } = App.useApp();
  const [pending, setPending] = useState(false);
  const run = async () => {
    setPending(true);
    const result = await dispatch(row.request_id, language());
    const order = row.order_number;
    if (result.outcome === 'assigned') {
      void message.success(t('queue.assigned', { order }));
    } else if (result.outcome === 'pending') {
      void message.info(t('queue.pending', { order }));
    } else {
      void message.warning(t('queue.stillWaiting', { order, reason: result.reason }));
    }
    await queries.invalidateQueries();
    setPending(false);
  };
  return (
    <Button
      type="link"
      size="small"
      className="row-button"
      loading={pending}
      disabled={row.suspended}
      aria-label={t('queue.dispatchOne', { order: row.order_number })}
      onClick={() => void run()}
    >
      {t('queue.dispatch')}
    </Button>
  );
}
