/** How the installation is doing: lags, queues, what is parked, timers, calendar. Read anew every ten seconds. */
import { useQueries } from '@tanstack/react-query';
import { Alert, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { PageTitle } from '../../wrappers/PageTitle';
import { Failed } from '../../wrappers/states';
import { useSpan } from '../projects/useSpan';
import { OWN, troubles } from './troubles';

export type ServiceState = Schema<'ServiceState'>;

const READ = {
  project: () => answer(api.GET('/api/v1/project-status')),
  dispatch: () => answer(api.GET('/api/v1/dispatch-status')),
  notify: () => answer(api.GET('/api/v1/notify-status')),
  reporting: () => answer(api.GET('/api/v1/reporting-status')),
  identity: () => answer(api.GET('/api/v1/identity-status')),
  template: () => answer(api.GET('/api/v1/template-status')),
  intake: () => answer(api.GET('/api/v1/intake-status')),
} satisfies Record<string, () => Promise<ServiceState>>;

const SERVICES = Object.keys(READ) as (keyof typeof READ)[];
const EVERY_MS = 10_000;

export default function Status() {
  const { t } = useTranslation('operator');
  const states = useQueries({
    queries: SERVICES.map((service) => ({
      queryKey: ['status', service],
      queryFn: READ[service],
      refetchInterval: EVERY_MS,
    })),
  });
  const known = states.flatMap(({ data }) => (data ? [data] : []));
  const wrong = known.flatMap((state) =>
    troubles(state).map(
      (trouble) => `${t(`status.services.${state.service as keyof typeof READ}`)}：${t(`status.troubles.${trouble}`)}`,
    ),
  );
  const failed = states.some(({ error, data }) => error && !data);
  return (
    <article aria-labelledby="status-title">
      <PageTitle id="status-title" className="page-title">
        {t('status.title')}
      </PageTitle>
      <p className="secondary page-hint">{t('status.hint')}</p>
      {known.length === SERVICES.length && (
        <Alert
          showIcon
          className="provisional"
          type={wrong.length > 0 ? 'warning' : 'success'}
          title={wrong.length > 0 ? wrong.join('；') : t('status.allWell')}
        />
      )}
      {failed && <p role="alert">{t('status.partly')}</p>}
      <div className="services">
        {SERVICES.map((service, number) => {
          const found = states[number];
          return (
            <Section key={service} title={t(`status.services.${service}`)} extra={<Health state={found?.data} />}>
              {found?.error && !found.data && <Failed error={found.error} retry={() => void found.refetch()} />}
              {!found?.data && !found?.error && <div className="empty-space" aria-busy="true" />}
              {found?.data && <Service state={found.data} />}
            </Section>
          );
        })}
      </div>
    </article>
  );
}

function Health({ state }: { state: ServiceState | undefined }) {
  const { t } = useTranslation('operator');
  if (!state) {
    return null;
  }
  const well = troubles(state).length === 0;
  return <Tag color={well ? 'green' : 'red'}>{t(well ? 'status.well' : 'status.unwell')}</Tag>;
}

/** Longer times are told in minutes, hours or days. */
const READABLE_SECONDS = 120;

function Service({ state }: { state: ServiceState }) {
  const { t } = useTranslation('operator');
  const whole = new Intl.NumberFormat(language(), { maximumFractionDigits: 0 });
  const span = useSpan();
  const seconds = (value: number) =>
    value < READABLE_SECONDS ? t('status.seconds', { number: whole.format(value) }) : span(value);
  const own = Object.entries(state.own);
  const textOf = (name: string, value: number) => {
    if (name.endsWith('_seconds')) {
      return seconds(value);
    }
    return name.endsWith('_days') ? t('status.days', { count: value }) : value;
  };
  return (
    <>
      <dl className="facts">
        {own.map(([name, value]) => (
          <Fact key={name} name={OWN.includes(name as never) ? t(`status.own.${name as (typeof OWN)[number]}`) : name}>
            {textOf(name, value)}
          </Fact>
        ))}
        {state.outbox && (
          <>
            <Fact name={t('status.unpublished')}>{state.outbox.waiting}</Fact>
            <Fact name={t('status.oldestUnpublished')}>{seconds(state.outbox.oldest_seconds)}</Fact>
          </>
        )}
      </dl>
      <DataTable
        rowKey="source"
        size="small"
        rows={state.feeds}
        columns={[
          {
            key: 'source',
            title: t('status.source'),
            width: 118,
            render: ({ source }) => t(`status.services.${source as keyof typeof READ}`),
          },
          { key: 'position', title: t('status.position'), width: 92, render: (row) => row.position, align: 'right' },
          { key: 'retrying', title: t('status.retrying'), width: 84, render: (row) => row.retrying, align: 'right' },
          {
            key: 'parked',
            title: t('status.parked'),
            width: 100,
            align: 'right',
            render: (feed) =>
              feed.parked > 0 ? (
                <strong className="stat-bad">
                  {feed.parked} ({seconds(feed.oldest_parked_seconds)})
                </strong>
              ) : (
                0
              ),
          },
        ]}
      />
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
