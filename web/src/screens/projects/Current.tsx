/** The open node: whom it waits for, how long there is left, why it queues, and the caller's buttons. */
import { BellOutlined } from '@ant-design/icons';
import { Alert, App, Button, Flex, Progress } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { useSaid } from '../../i18n/said';
import { Confirmed } from './Confirmed';
import { type CurrentNode, type Details, type Limit, useIsCustomer } from './details';
import { Operations } from './Operations';
import { OverdueMark } from './OverdueMark';
import { gone, secondsLeft } from './remaining';
import { useQueueReason } from './useQueueReason';
import { useSpan } from './useSpan';

const TICK_MS = 15_000;

export function Current({
  current,
  details,
  readAt,
}: {
  current: CurrentNode;
  details: Details;
  /** This machine's time when the page was read. */
  readAt: number;
}) {
  const { t } = useTranslation('projects');
  const reasonOf = useQueueReason();
  const said = useSaid();
  const asCustomer = useIsCustomer();
  const waitsForMe = current.operations.length > 0;
  return (
    <section className="current" aria-label={t('details.current')}>
      <Flex justify="space-between" align="start" wrap gap="small">
        <div>
          <strong className="current-name">{current.name}</strong>{' '}
          {current.overdue && <OverdueMark overdue={current.overdue} />}
          <div className="secondary">
            {said(current.operator)} ·{' '}
            {details.state === 'paused'
              ? t('purchased.states.paused')
              : asCustomer && waitsForMe
                ? t('details.waitsForYou')
                : said(current.waits_for)}
          </div>
        </div>
        {details.actions.includes('remind') && !waitsForMe && <Remind details={details} current={current} />}
      </Flex>
      {current.limit && <Remaining limit={current.limit} readAt={readAt} isPast={details.as_of !== null} />}
      {current.queue && (
        <Alert
          type="warning"
          showIcon
          title={t('details.queueing', {
            reason: reasonOf(current.queue.reason, current.queue.reason_text),
            since: current.queue.since,
          })}
          description={t(`details.queueAdvice.${current.queue.reason}`)}
        />
      )}
      <Confirmed details={details} />
      <Operations details={details} />
    </section>
  );
}

/** Working time left, counted down; the moment it ends. */
function Remaining({ limit, readAt, isPast }: { limit: Limit; readAt: number; isPast: boolean }) {
  const { t } = useTranslation('projects');
  const span = useSpan();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const left = secondsLeft(limit, isPast ? 0 : Math.max(0, now - readAt));
  if (left === null) {
    return (
      <div className="secondary">
        {t('details.limit', { days: limit.timeout_days })} ·{' '}
        {t(limit.stands === 'held' ? 'details.standsHeld' : 'details.standsPaused')}
      </div>
    );
  }
  const { percent, isShort } = gone(limit, left);
  const tone = left < 0 ? 'bad' : isShort ? 'warning' : 'good';
  return (
    <div className="remaining">
      <div>
        <span className="secondary">{t(left < 0 ? 'details.late' : 'details.remaining')}</span>{' '}
        <strong className={`stat-${tone}`}>{span(left)}</strong>
        {limit.due_at && <span className="secondary"> · {t('details.dueAt', { time: limit.due_at })}</span>}
        {limit.advances && left >= 0 && <span className="secondary"> · {t('details.advances')}</span>}
        {limit.stands === 'day_off' && <span className="secondary"> · {t('details.standsDayOff')}</span>}
      </div>
      <Progress
        percent={percent}
        showInfo={false}
        size="small"
        strokeColor={`var(--${tone})`}
        aria-label={t('details.gone', { percent })}
      />
    </div>
  );
}

/** 催办: remind whoever the open node waits for. */
function Remind({ details, current }: { details: Details; current: CurrentNode }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const [pending, setPending] = useState(false);
  const remind = async () => {
    setPending(true);
    try {
      const path = { project_id: details.project_id, visit: current.visit };
      await api.POST('/api/v1/projects/{project_id}/visits/{visit}/reminder', { params: { path } });
      await queries.invalidateQueries();
      void message.success(t('actions.reminded'));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return (
    <Flex vertical align="end" gap={2}>
      <Button icon={<BellOutlined />} loading={pending} onClick={() => void remind()}>
        {t('actions.remind')}
      </Button>
      {current.reminded_at && (
        <span className="secondary">{t('details.remindedAt', { time: current.reminded_at })}</span>
      )}
    </Flex>
  );
}
