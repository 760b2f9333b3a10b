/**
 * Why a project queues: reason, times, who could take it and why nobody can just now, and what to do about it.
 * A provider sees its own people, a vendor the providers of its product (the staff of others are not its business).
 */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Descriptions } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { minuteText, secondText } from '../../app/times';
import { holds, useMe } from '../../session/session';
import { DataTable } from '../../wrappers/DataTable';
import { SidePanel } from '../../wrappers/SidePanel';
import { Failed } from '../../wrappers/states';
import { useProviders } from '../projects/useProviders';
import { useQueueReason } from '../projects/useQueueReason';
import { useSpan } from '../projects/useSpan';
import type { Waiting } from './dispatching';

type Person = Schema<'DispatchPersonOut'>;
type Provider = Schema<'DispatchProviderOut'>;
type Reason = 'no_provider_configured' | 'providers_full' | 'no_staff' | 'staff_full';

export interface WhyQueuedProps {
  row: Waiting;
  entrance: 'vendor' | 'provider';
  onChangeProvider: () => void;
  onClose: () => void;
}

export function WhyQueued({ row, entrance, onChangeProvider, onClose }: WhyQueuedProps) {
  const { t } = useTranslation('work');
  const reasonOf = useQueueReason();
  const span = useSpan();
  const me = useMe().data;
  const { several } = useProviders();
  const isOthers = entrance === 'vendor' && row.provider_id !== null;
  // What the vendor himself can do about it: another provider, if there is one and he may.
  const changes = isOthers && holds(me, 'vendor_admin') && several.has(row.product_id);
  const provider = row.provider_name ?? '--';
  const advice = isOthers
    ? t(changes ? 'why.elsewhere' : 'why.elsewhereOnly', { provider })
    : t(`why.advice.${row.reason as Reason}`, { role: row.role_name ?? '--' });
  return (
    <SidePanel title={t('why.title', { order: row.order_number })} size={560} onClose={onClose}>
      <Descriptions
        column={1}
        size="small"
        items={[
          { key: 'reason', label: t('why.now'), children: <strong>{reasonOf(row.reason, row.reason_text)}</strong> },
          {
            key: 'since',
            label: t('why.since'),
            children: `${secondText(row.queued_at)} · ${t('queue.waiting', { time: span(row.waiting_seconds) })}`,
          },
          {
            key: 'attempt',
            label: t('why.attempt'),
            children: row.last_attempt ? secondText(row.last_attempt) : t('why.never'),
          },
          {
            key: 'poll',
            label: t('why.poll'),
            children: row.next_attempt ? minuteText(row.next_attempt) : t('queue.suspended'),
          },
        ]}
      />
      <Alert
        type="info"
        showIcon
        className="why-next"
        title={advice}
        action={
          isOthers ? (
            changes && <Button onClick={onChangeProvider}>{t('why.change')}</Button>
          ) : (
            <Link to={entrance === 'vendor' ? '/vendor/products' : '/provider/loads'}>
              {t(entrance === 'vendor' ? 'why.products' : 'why.loads')}
            </Link>
          )
        }
      />
      {entrance === 'provider' && row.role && <People role={row.role} name={row.role_name ?? row.role} />}
      {entrance === 'vendor' && !isOthers && <Providers productId={row.product_id} />}
    </SidePanel>
  );
}

function People({ role, name }: { role: string; name: string }) {
  const { t } = useTranslation('work');
  const found = useQuery({
    queryKey: ['staff-loads', 'why', role],
    queryFn: () => answer(api.GET('/api/v1/staff-loads', { params: { query: { role, limit: 200 } } })),
  });
  return (
    <>
      <h2>{t('why.candidates', { role: name })}</h2>
      <p className="page-hint">{t('why.candidatesHint')}</p>
      {found.error ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable<Person>
          size="small"
          rowKey="person_id"
          isLoading={found.isLoading}
          rows={found.data?.items ?? []}
          empty={<span className="secondary">{t('why.noCandidates')}</span>}
          columns={[
            { key: 'name', title: t('why.person'), width: 126, render: (one) => one.name ?? one.login_name ?? '--' },
            { key: 'department', title: t('why.department'), width: 126, render: (one) => one.department_name ?? '--' },
            { key: 'load', title: t('why.load'), width: 100, render: (one) => `${one.load}/${one.maximum}` },
            {
              key: 'state',
              title: t('why.state'),
              render: (one) => <State isFull={one.load >= one.maximum} receiving={one.receiving} />,
            },
          ]}
        />
      )}
    </>
  );
}

function Providers({ productId }: { productId: string }) {
  const { t } = useTranslation('work');
  const found = useQuery({
    queryKey: ['provider-configuration', productId],
    queryFn: () =>
      answer(api.GET('/api/v1/provider-configurations/{product_id}', { params: { path: { product_id: productId } } })),
  });
  return (
    <>
      <h2>{t('why.candidatesProviders')}</h2>
      <p className="page-hint">{t('why.candidatesProvidersHint')}</p>
      {found.error ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable<Provider>
          size="small"
          rowKey="provider_id"
          isLoading={found.isLoading}
          rows={found.data?.providers ?? []}
          empty={<span className="secondary">{t('why.noProviders')}</span>}
          columns={[
            { key: 'name', title: t('why.provider'), render: (one) => one.name ?? '--' },
            { key: 'weight', title: t('why.weight'), render: (one) => one.weight },
            { key: 'load', title: t('why.load'), render: (one) => `${one.load}/${one.maximum}` },
            {
              key: 'state',
              title: t('why.state'),
              render: (one) => <State isFull={one.load >= one.maximum} receiving />,
            },
          ]}
        />
      )}
    </>
  );
}

function State({ isFull, receiving }: { isFull: boolean; receiving: boolean }) {
  const { t } = useTranslation('work');
  if (!receiving) {
    return <span className="dot-warning">{t('why.paused')}</span>;
  }
  return <span className={isFull ? 'dot-warning' : 'dot-good'}>{t(isFull ? 'why.full' : 'why.free')}</span>;
}
