/** 项目详情 for everybody who may see the project; what can be done is what the API offers (R-66 … R-139). */
import { Alert, Button, Descriptions, Empty, Flex, Rate, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useParams } from 'react-router';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { Actions } from './Actions';
import { type CurrentNode, type Details, useDetails } from './details';
import { Files } from './Files';
import { Flow } from './Flow';
import { FlowLog } from './FlowLog';
import { Operations } from './Operations';
import { OverdueMark } from './OverdueMark';
import { Talk } from './Talk';

const COLOURS: Readonly<Record<string, string>> = { running: 'blue', paused: 'orange', completed: 'green' };
type Link = 'files' | 'comments' | 'notes' | 'log';

export default function ProjectDetails() {
  const { t } = useTranslation('projects');
  const { projectId = '' } = useParams();
  const found = useDetails(projectId);
  const backTo = useLocation().pathname.split('/').slice(0, 3).join('/');
  const details = found.data;
  return (
    <DetailPage
      trail={[t('details.title')]}
      backTo={backTo}
      title={details ? `${details.business.product_name} · ${details.business.order_number}` : undefined}
      tags={details && <Tag color={COLOURS[details.state] ?? 'default'}>{details.state_text}</Tag>}
      extra={details && <Actions details={details} key={details.state} />}
      isLoading={found.isLoading}
      error={details ? undefined : found.error}
      retry={() => void found.refetch()}
    >
      {details && <Body details={details} />}
    </DetailPage>
  );
}

function Body({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const [open, setOpen] = useState<Link>();
  const close = () => setOpen(undefined);
  const may = (action: Details['actions'][number]) => details.actions.includes(action);
  const { business } = details;
  return (
    <div className="details">
      <div>
        <Section
          title={t('details.flow')}
          extra={
            <Flex gap="small" wrap>
              {(details.links as Link[]).map((link) => (
                <Button key={link} onClick={() => setOpen(link)}>
                  {t(`details.${link}`)}
                </Button>
              ))}
            </Flex>
          }
        >
          {details.current && <Current current={details.current} details={details} />}
          <Flow steps={details.steps} current={details.current} />
        </Section>
      </div>
      <div>
        <Section title={t('details.business')}>
          <Descriptions
            column={1}
            size="small"
            items={[
              { key: 'product', label: t('details.product'), children: business.product_name },
              { key: 'edition', label: t('details.edition'), children: business.edition },
              { key: 'order', label: t('details.order'), children: business.order_number },
              { key: 'customer', label: t('details.customer'), children: business.customer_name },
              { key: 'valid', label: t('details.valid'), children: business.valid_until },
              { key: 'provider', label: t('details.provider'), children: details.provider?.name ?? '--' },
            ]}
          />
        </Section>
        <Section title={t('details.staff')}>
          {details.staff.length === 0 && (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('details.noStaff')} />
          )}
          {details.staff.map((person) => (
            <div key={person.person_id} className="person">
              <strong>{person.name}</strong> <span className="secondary">{person.roles}</span>
              <div>
                {t('details.landline')} {person.landline}
              </div>
              <div>
                {t('details.mobile')} {person.mobile}
              </div>
            </div>
          ))}
        </Section>
        {details.evaluation && (
          <Section title={t('details.evaluation')}>
            <Rate disabled value={details.evaluation.stars} />
            <p>{details.evaluation.text}</p>
            <p className="secondary">
              {details.evaluation.author} · {details.evaluation.time}
            </p>
          </Section>
        )}
      </div>
      {open === 'files' && <Files projectId={details.project_id} canAdd={may('add_file')} onClose={close} />}
      {open === 'log' && <FlowLog projectId={details.project_id} onClose={close} />}
      {(open === 'comments' || open === 'notes') && (
        <Talk
          kind={open}
          projectId={details.project_id}
          canWrite={may(open === 'comments' ? 'comment' : 'note')}
          onClose={close}
        />
      )}
    </div>
  );
}

/** The open node: whom it waits for, how long there is left, and the caller's buttons. */
function Current({ current, details }: { current: CurrentNode; details: Details }) {
  const { t } = useTranslation('projects');
  return (
    <div className="current">
      <Flex justify="space-between" align="center" wrap gap="small">
        <div>
          <strong>{current.name}</strong> {current.overdue && <OverdueMark overdue={current.overdue} />}
          <div className="secondary">
            {current.operator} · {current.waits_for}
          </div>
          {current.limit && <Remaining limit={current.limit} />}
        </div>
        <Operations details={details} />
      </Flex>
      {current.queue && (
        <Alert
          type="warning"
          showIcon
          title={t('details.queueing', { reason: current.queue.reason_text, since: current.queue.since })}
        />
      )}
    </div>
  );
}

/** Working time left: a day of the template is 24 working hours. */
function Remaining({ limit }: { limit: NonNullable<CurrentNode['limit']> }) {
  const { t } = useTranslation('projects');
  const seconds = limit.remaining_seconds;
  if (seconds === null || limit.due_at === null) {
    return <div className="secondary">{t('details.limit', { days: limit.timeout_days })}</div>;
  }
  const left = Math.max(0, seconds);
  const parts = {
    days: Math.floor(left / 86_400),
    hours: Math.floor((left % 86_400) / 3_600),
    minutes: Math.floor((left % 3_600) / 60),
  };
  return (
    <div className="secondary">
      {t('details.remaining')} <strong>{t('details.remainingText', parts)}</strong> ·{' '}
      {t('details.dueAt', { time: limit.due_at })}
    </div>
  );
}
