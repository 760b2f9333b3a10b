/** A project with everything about it, on a page of its own or beside the list. */
import { HistoryOutlined, PrinterOutlined } from '@ant-design/icons';
import { Alert, Button, Descriptions, Empty, Flex, Popover, Segmented, Tag } from 'antd';
import { parseAsString, useQueryState } from 'nuqs';
import { Suspense, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEntrance } from '../../app/entrance';
import { parameterText } from '../../app/parameterText';
import { momentOf, secondText } from '../../app/times';
import { language } from '../../i18n';
import { holds, useMe } from '../../session/session';
import { Copyable } from '../../wrappers/Copyable';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { lazily } from '../../wrappers/lazily';
import { Failed, Waiting } from '../../wrappers/states';
import { Actions } from './Actions';
import { Current } from './Current';
import { type Details, subjectOf, useDetails, useIsCustomer } from './details';
import { Flow } from './Flow';
import { OrderMarks } from './OrderMarks';
import { Paused } from './Paused';
import { GivenStars } from './Stars';
import { useConversation } from './useConversation';
import { type Dock, useDock } from './useDock';

const ReadingPicker = lazily(async () => ({ default: (await import('../../wrappers/pickers')).ReadingPicker }));
const Conversation = lazily(async () => ({ default: (await import('./Conversation')).Conversation }));
const Files = lazily(async () => ({ default: (await import('./Files')).Files }));
const FlowLog = lazily(async () => ({ default: (await import('./FlowLog')).FlowLog }));
const Decisions = lazily(async () => ({ default: (await import('./Decisions')).Decisions }));
const ChangeContact = lazily(async () => ({ default: (await import('./ChangeContact')).ChangeContact }));
const Timeline = lazily(async () => ({ default: (await import('./Timeline')).Timeline }));

const COLOURS = { running: 'blue', paused: 'orange', completed: 'green', cancelled: 'default' } as const;
type Link = 'files' | 'comments' | 'notes' | 'log';

export function ProjectView({ projectId, backTo }: { projectId: string; backTo: string }) {
  const { t } = useTranslation('projects');
  const { found, at, setAt } = useMoment(projectId);
  const details = found.data;
  return (
    <DetailPage
      trail={[t('details.title')]}
      backTo={backTo}
      title={details && titleOf(details)}
      {...(details ? { tab: tabOf(details, t('details.title')) } : {})}
      row={projectId}
      tags={details && <State details={details} />}
      extra={details && !at && <Actions details={details} key={details.state} />}
      isLoading={found.isLoading}
      error={details || at ? undefined : found.error}
      retry={() => void found.refetch()}
    >
      <AsOf at={at} onAt={setAt} error={at ? found.error : null} />
      {details && <Body details={details} readAt={found.dataUpdatedAt} onAt={setAt} isPage />}
    </DetailPage>
  );
}

/** The same beside a list: without breadcrumb, one column. */
export function ProjectPane({ projectId, extra }: { projectId: string; extra: React.ReactNode }) {
  const { found, at, setAt } = useMoment(projectId);
  const details = found.data;
  if (!details) {
    return found.error ? <Failed error={found.error} retry={() => void found.refetch()} /> : <Waiting />;
  }
  return (
    <>
      <Flex justify="space-between" align="start" gap="small" className="pane-head">
        <Flex align="center" gap="small" wrap>
          <h2>{titleOf(details)}</h2>
          <State details={details} />
        </Flex>
        {extra}
      </Flex>
      <Flex gap="small" wrap className="pane-actions">
        {!at && <Actions details={details} key={details.state} />}
      </Flex>
      <AsOf at={at} onAt={setAt} error={at ? found.error : null} />
      <Body details={details} readAt={found.dataUpdatedAt} onAt={setAt} />
    </>
  );
}

/** The page as it is, or as it was at the moment that stands in the address. */
function useMoment(projectId: string) {
  const [at, setAt] = useQueryState('at', parseAsString);
  return { found: useDetails(projectId, at ?? undefined), at, setAt: (moment: string | null) => void setAt(moment) };
}

function tabOf({ business_number, business }: Details, page: string): string {
  return `${business_number} · ${business.product_name} – ${page}`;
}

function titleOf({ business }: Details): string {
  return `${business.product_name} · ${business.order_number}`;
}

function State({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const asCustomer = useIsCustomer();
  const isCustomer = useEntrance() === 'customer';
  const state = details.state as keyof typeof COLOURS;
  return (
    <>
      <Tag color={COLOURS[state]}>{t(`purchased.states.${state}`)}</Tag>
      <OrderMarks
        trial={details.business.trial}
        test={details.business.test}
        holds={details.holds.map(({ reason }) => reason)}
        refund={details.refund}
      />
      {asCustomer && !isCustomer && <Tag>{t('purchased.asCustomer')}</Tag>}
    </>
  );
}

/** Says that a past moment is shown, and leads back. */
function AsOf({ at, onAt, error }: { at: string | null; onAt: (at: string | null) => void; error: Error | null }) {
  const { t } = useTranslation('projects');
  if (at === null) {
    return null;
  }
  return (
    <>
      <Alert
        type="info"
        showIcon
        className="form-refusal"
        title={t('moment.shown', { time: secondText(at) })}
        description={t('moment.hint')}
        action={<Button onClick={() => onAt(null)}>{t('moment.back')}</Button>}
      />
      {error && <Failed error={error} />}
    </>
  );
}

interface BodyProps {
  details: Details;
  readAt: number;
  onAt: (at: string | null) => void;
  /** On a page of its own the conversation stands beside the project from the beginning, if there is room. */
  isPage?: boolean;
}

function Body({ details, readAt, onAt, isPage = false }: BodyProps) {
  const { t } = useTranslation('projects');
  const [open, setOpen] = useState<'files' | 'log' | 'decisions'>();
  const dock = useDock(isPage);
  const [drawn, setDrawn] = useState<'steps' | 'timeline'>('steps');
  const close = () => setOpen(undefined);
  const subject = subjectOf(details);
  const me = useMe().data;
  const isCustomer = useIsCustomer();
  const seesDecisions =
    !isCustomer && (['vendor_admin', 'provider_admin', 'platform_operator'] as const).some((one) => holds(me, one));
  const may = (action: Details['actions'][number]) => details.actions.includes(action);
  return (
    <div className="details">
      <div>
        <Section
          title={t('details.flow')}
          extra={
            <Flex gap="small" wrap>
              {(details.links as Link[]).map((link) => (
                <LinkButton
                  key={link}
                  link={link}
                  projectId={details.project_id}
                  dock={dock}
                  onClick={() =>
                    link === 'comments' || link === 'notes'
                      ? dock.open(link === 'comments' ? 'comment' : 'note')
                      : setOpen(link)
                  }
                />
              ))}
              {seesDecisions && <Button onClick={() => setOpen('decisions')}>{t('decisions.title')}</Button>}
            </Flex>
          }
        >
          {details.holds.map((hold) => (
            <Alert
              key={hold.reason}
              type="warning"
              showIcon
              role="status"
              className="form-refusal"
              title={`${t(`order.${hold.reason as 'frozen' | 'expired'}`)} · ${hold.since}`}
              description={t(`order.hint.${hold.reason as 'frozen' | 'expired'}`)}
            />
          ))}
          {details.state === 'paused' && <Paused details={details} />}
          {details.current && <Current current={details.current} details={details} readAt={readAt} />}
          <Flex justify="space-between" align="center" wrap gap="small" className="flow-tools">
            <Segmented
              aria-label={t('timeline.drawn')}
              value={drawn}
              onChange={setDrawn}
              options={[
                { value: 'steps', label: t('timeline.steps') },
                { value: 'timeline', label: t('timeline.title') },
              ]}
            />
            <Flex gap="small">
              <MomentPicker onAt={onAt} />
              <Button type="text" icon={<PrinterOutlined />} onClick={() => window.print()}>
                {t('details.print')}
              </Button>
            </Flex>
          </Flex>
          {drawn === 'steps' ? (
            <Flow steps={details.steps} current={details.current} />
          ) : (
            <Suspense fallback={<Waiting />}>
              <Timeline projectId={details.project_id} onAt={onAt} />
            </Suspense>
          )}
        </Section>
      </div>
      <div className="details-side">
        {dock.kind && (
          <Suspense fallback={<Waiting />}>
            <Conversation
              key={dock.opened}
              details={details}
              kind={dock.kind}
              onKind={dock.write}
              takesFocus={dock.opened > 0}
              onClose={dock.close}
            />
          </Suspense>
        )}
        <About details={details} />
      </div>
      <Suspense>
        {open === 'files' && (
          <Files projectId={details.project_id} subject={subject} canAdd={may('add_file')} onClose={close} />
        )}
        {open === 'decisions' && <Decisions projectId={details.project_id} subject={subject} onClose={close} />}
        {open === 'log' && <FlowLog projectId={details.project_id} subject={subject} onClose={close} />}
      </Suspense>
    </div>
  );
}

interface LinkButtonProps {
  link: Link;
  projectId: string;
  dock: Dock;
  onClick: () => void;
}

/** 文件管理, 流程日志; 项目留言 and 项目备注 open the conversation, and tell how much of it is new. */
function LinkButton({ link, projectId, dock, onClick }: LinkButtonProps) {
  const { t } = useTranslation('projects');
  if (link === 'files' || link === 'log') {
    return <Button onClick={onClick}>{t(`details.${link}`)}</Button>;
  }
  const kind = link === 'comments' ? 'comment' : 'note';
  return (
    <Button aria-expanded={dock.kind === kind} onClick={onClick}>
      {t(`details.${link}`)}
      <New kind={kind} projectId={projectId} />
    </Button>
  );
}

function New({ kind, projectId }: { kind: 'comment' | 'note'; projectId: string }) {
  const { t } = useTranslation('projects');
  const { entries } = useConversation(projectId);
  const count = entries?.filter((one) => one.new && one.kind === kind).length ?? 0;
  return count > 0 && <span className="tab-count tab-count-new">{t('talk.unseen', { count })}</span>;
}

function Phone({ number }: { number: string }) {
  const dialled = number.replaceAll(/[^\d+]/g, '');
  return dialled ? <a href={`tel:${dialled}`}>{number}</a> : number;
}

/** 查看历史时刻: a moment in the platform's time zone, to the second. */
function MomentPicker({ onAt }: { onAt: (at: string) => void }) {
  const { t } = useTranslation('projects');
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const moment = momentOf(typed);
  const id = useId();
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      content={
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (moment) {
              setOpen(false);
              onAt(moment);
            }
          }}
        >
          <Flex gap="small" align="end">
            <label className="moment" htmlFor={id}>
              {t('moment.choose')}
              <Suspense>
                <ReadingPicker id={id} value={typed} onChange={(reading) => setTyped(reading ?? '')} />
              </Suspense>
            </label>
            <Button type="primary" htmlType="submit" disabled={!moment}>
              {t('moment.show')}
            </Button>
          </Flex>
        </form>
      }
    >
      <Button type="text" icon={<HistoryOutlined />} aria-expanded={open}>
        {t('moment.title')}
      </Button>
    </Popover>
  );
}

/** 客户联系人, for those who may see it; that nobody can be reached is said, not left out. */
function Contact({ details, contact }: { details: Details; contact: NonNullable<Details['contact']> }) {
  const { t } = useTranslation('projects');
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={t('details.contact')}>
      {!contact.reachable && (
        <Alert type="warning" showIcon title={t('details.unreachable')} className="form-refusal" />
      )}
      <div className="person">
        <strong>{contact.name}</strong>
        <dl>
          <dt>{t('details.mobile')}</dt>
          <dd>
            <Phone number={contact.mobile} />
          </dd>
          <dt>{t('details.email')}</dt>
          <dd>{contact.email === '--' ? '--' : <a href={`mailto:${contact.email}`}>{contact.email}</a>}</dd>
          <dt>{t('details.locale')}</dt>
          <dd>{contact.locale}</dd>
        </dl>
      </div>
      {contact.changeable && <Button onClick={() => setOpen(true)}>{t('changeContact.title')}</Button>}
      <Suspense>
        {isOpen && (
          <ChangeContact
            projectId={details.project_id}
            subject={subjectOf(details)}
            contact={contact}
            onClose={() => setOpen(false)}
          />
        )}
      </Suspense>
    </Section>
  );
}

/** 业务信息, 服务端操作人信息, and the evaluation where there is one. */
function About({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const { business, evaluation } = details;
  return (
    <>
      <Section title={t('details.business')}>
        <Descriptions
          column={1}
          size="small"
          items={[
            { key: 'product', label: t('details.product'), children: business.product_name },
            { key: 'edition', label: t('details.edition'), children: business.edition },
            { key: 'order', label: t('details.order'), children: <Copyable text={business.order_number} /> },
            {
              key: 'business',
              label: t('details.businessNumber'),
              children: <Copyable text={details.business_number} />,
            },
            { key: 'customer', label: t('details.customer'), children: business.customer_name },
            { key: 'sku', label: t('details.sku'), children: business.sku },
            { key: 'quantity', label: t('details.quantity'), children: business.quantity },
            { key: 'valid', label: t('details.valid'), children: business.valid_until },
            ...business.parameters.map(({ name, label, type, value }) => ({
              key: `: ${name}`,
              label,
              children: parameterText(type, value, language()),
            })),
            { key: 'vendor', label: t('details.vendor'), children: details.vendor.name },
            { key: 'provider', label: t('details.provider'), children: details.provider?.name ?? '--' },
            { key: 'started', label: t('details.started'), children: details.started_at },
          ]}
        />
      </Section>
      {details.contact && <Contact details={details} contact={details.contact} />}
      <Section title={t('details.staff')}>
        {details.staff.length === 0 && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('details.noStaff')} />
        )}
        {details.staff.map((person) => (
          <div key={person.person_id} className="person">
            <strong>{person.name}</strong> <span className="secondary">{person.roles}</span>
            <dl>
              <dt>{t('details.landline')}</dt>
              <dd>
                <Phone number={person.landline} />
              </dd>
              <dt>{t('details.mobile')}</dt>
              <dd>
                <Phone number={person.mobile} />
              </dd>
            </dl>
          </div>
        ))}
      </Section>
      {evaluation && (
        <Section title={t('details.evaluation')}>
          <GivenStars stars={evaluation.stars} />
          <p>{evaluation.text}</p>
          <p className="secondary">
            {evaluation.author} · {evaluation.time}
          </p>
        </Section>
      )}
    </>
  );
}
