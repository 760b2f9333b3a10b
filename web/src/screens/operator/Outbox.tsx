/** Messages by SMS and email with what became of each, and another try for those given up (N-15 … N-17). */
import { App, Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { secondText } from '../../app/times';
import { language } from '../../i18n';
import { ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';

type Delivery = Schema<'NotifyDeliveryOut'>;

const CHANNELS = ['sms', 'email'] as const;
const STATES = ['waiting', 'sent', 'skipped', 'not_configured', 'parked'] as const;
const COLOURS = { waiting: 'blue', sent: 'green', skipped: 'default', not_configured: 'orange', parked: 'red' };
const FILTERS = { order_number: text, channel: maybeOneOf(CHANNELS), state: maybeOneOf(STATES) };

export default function Outbox() {
  const { t } = useTranslation('operator');
  const filters = useFilters(FILTERS);
  const list = useList(['outbox', filters.query], (page) =>
    answer(api.GET('/api/v1/outbox', { params: { query: { ...filters.query, ...page } } })),
  );
  const state = useListState();
  return (
    <ListPage<Delivery>
      name="outbox"
      title={t('outbox.title')}
      hint={<p className="secondary page-hint">{t('outbox.hint')}</p>}
      query={{
        fields: [
          { kind: 'text', name: 'order_number', label: t('outbox.order'), first: true },
          {
            kind: 'choice',
            name: 'channel',
            label: t('outbox.channel'),
            first: true,
            options: CHANNELS.map((one) => ({ value: one, label: t(`outbox.channels.${one}`) })),
          },
          {
            kind: 'choice',
            name: 'state',
            label: t('outbox.state'),
            first: true,
            options: STATES.map((one) => ({ value: one, label: t(`outbox.states.${one}`) })),
          },
        ],
        values: filters.values,
        onSearch: (values) => filters.apply(values as Partial<typeof filters.values>),
        onReset: () => filters.reset(),
      }}
      views={{ filters: filters.query, onChoose: filters.replace }}
      list={list}
      rowKey="delivery_id"
      columns={[
        {
          key: 'message',
          width: 220,
          lines: 4,
          title: t('outbox.message'),
          render: (one) => (
            <div className="message message-narrow">
              <strong>{one.title}</strong>
              <p>{one.body}</p>
            </div>
          ),
        },
        {
          key: 'receiver',
          width: 120,
          lines: 3,
          title: t('outbox.receiver'),
          render: (one) => (
            <span className="two-lines">
              <span>{one.receiver_name}</span>
              <span>{one.address ?? one.party_name ?? '--'}</span>
            </span>
          ),
        },
        {
          key: 'order',
          lines: 3,
          title: t('outbox.order'),
          render: (one) => (
            <span className="two-lines">
              <Link to={`/operator/projects/${one.project_id}`} state={state}>
                {one.order_number}
              </Link>
              <span>{one.node_name}</span>
            </span>
          ),
        },
        {
          key: 'channel',
          title: t('outbox.channel'),
          width: 60,
          render: ({ channel }) => t(`outbox.channels.${channel}`),
        },
        { key: 'state', title: t('outbox.state'), width: 140, lines: 5, render: (one) => <State delivery={one} /> },
        { key: 'created_at', title: t('outbox.createdAt'), width: 108, render: (one) => secondText(one.created_at) },
        { key: 'sent_at', title: t('outbox.sentAt'), width: 108, render: (one) => secondText(one.sent_at) },
        {
          key: 'operation',
          title: t('list.operation', { ns: 'app' }),
          fixed: true,
          width: 88,
          render: (one) => (one.state === 'parked' ? <Retry delivery={one} /> : '--'),
        },
      ]}
      empty={{ title: t('outbox.empty'), hint: t('outbox.emptyHint') }}
      isFiltered={Object.keys(filters.query).length > 0}
    />
  );
}

function State({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('operator');
  const { state, result, attempts, next_try } = delivery;
  const known = { no_mobile: t('outbox.results.no_mobile'), no_email: t('outbox.results.no_email') };
  const why = result && (result in known ? known[result as keyof typeof known] : result);
  return (
    <span className="two-lines">
      <span>
        <Tag color={COLOURS[state]}>{t(`outbox.states.${state}`)}</Tag>
      </span>
      {why && <span>{why}</span>}
      {attempts > 0 && state !== 'sent' && <span>{t('outbox.attempts', { count: attempts })}</span>}
      {state === 'waiting' && next_try && <span>{t('outbox.nextTry', { time: secondText(next_try) })}</span>}
    </span>
  );
}

function Retry({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const [pending, setPending] = useState(false);
  const retry = async () => {
    setPending(true);
    try {
      const params = { path: { delivery_id: delivery.delivery_id } };
      await api.POST('/api/v1/outbox/{delivery_id}/retry', { params });
      await queries.invalidateQueries({ queryKey: ['outbox'] });
      void message.success(t('outbox.retried'));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return (
    <Button
      type="link"
      size="small"
      className="row-button"
      loading={pending}
      aria-label={`${t('outbox.retry')} ${delivery.order_number} ${delivery.receiver_name}`}
      onClick={() => void retry()}
    >
      {t('outbox.retry')}
    </Button>
  );
}
