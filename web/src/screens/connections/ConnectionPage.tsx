/** One connection: what is to be done until orders come in, its health, its secret and its SKU map. */
import { App, Button, Descriptions, Flex, Steps, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { minuteText, secondText } from '../../app/times';
import { Copyable } from '../../wrappers/Copyable';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { Failed } from '../../wrappers/states';
import { useRefused } from '../../wrappers/useRefused';
import { ConnectionForm } from './ConnectionForm';
import { type Connection, STAGE_COLORS, STAGES, STEPS, type Stage, stepsDone, wholeAddress } from './connection';
import { HealthSummary } from './HealthSummary';
import { MirrorPart } from './MirrorPart';
import { SecretForm } from './SecretForm';
import { SkuMapPart } from './SkuMapPart';
import { TestOrder } from './TestOrder';
import { useConnection, useHealth, useKeeps, useKinds, useSkuMap } from './useConnections';

export default function ConnectionPage() {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const { connectionId = '' } = useParams();
  const found = useConnection(connectionId);
  const connection = found.data;
  return (
    <DetailPage
      trail={[t('title'), t('details')]}
      backTo={`/${entrance}/connections`}
      row={connectionId}
      title={connection?.name}
      {...(connection
        ? { tags: <Tag color={STAGE_COLORS[connection.stage]}>{t(`stages.${connection.stage}`)}</Tag> }
        : {})}
      extra={connection && <Buttons connection={connection} />}
      isLoading={found.isLoading}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {connection && <Parts connection={connection} />}
    </DetailPage>
  );
}

function Buttons({ connection }: { connection: Connection }) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const keeps = useKeeps();
  const map = useSkuMap(connection.id);
  const [opened, setOpened] = useState<'edit' | 'test'>();
  const setStage = useStage(connection);
  const close = () => setOpened(undefined);
  return (
    <>
      <Link to={`/${entrance}/connections/${connection.id}/notices`}>
        <Button tabIndex={-1}>{t('notices.title')}</Button>
      </Link>
      {keeps && (
        <>
          <Button onClick={() => setOpened('edit')}>{t('edit')}</Button>
          {connection.stage === 'test' && <Button onClick={() => setOpened('test')}>{t('test.title')}</Button>}
          {STAGES.filter((stage) => stage !== connection.stage).map((stage) => (
            <Button
              key={stage}
              type={stage === next(connection.stage) ? 'primary' : 'default'}
              onClick={() => setStage(stage)}
            >
              {t(`stageTo.${stage}`)}
            </Button>
          ))}
        </>
      )}
      {opened === 'edit' && <ConnectionForm connection={connection} onClose={close} />}
      {opened === 'test' && <TestOrder connection={connection} entries={map.data ?? []} onClose={close} />}
    </>
  );
}

function next(stage: Stage): Stage | undefined {
  return STAGES[STAGES.indexOf(stage) + 1];
}

/** Asks before another stage. */
function useStage(connection: Connection) {
  const { t } = useTranslation('connections');
  const { modal, message } = App.useApp();
  const refused = useRefused();
  return (stage: Stage) =>
    void modal.confirm({
      title: t(`stageAsk.${stage}`, { name: connection.name }),
      okText: t(`stageTo.${stage}`),
      cancelText: t('cancel', { ns: 'app' }),
      okButtonProps: { danger: stage === 'draft' },
      onOk: async () => {
        try {
          const params = { path: { connection_id: connection.id } };
          await api.PUT('/api/v1/connections/{connection_id}/stage', { params, body: { stage } });
          await queries.invalidateQueries();
          void message.success(t('stageSet', { stage: t(`stages.${stage}`) }));
        } catch (error) {
          refused(error);
        }
      },
    });
}

function Parts({ connection }: { connection: Connection }) {
  const { t } = useTranslation('connections');
  const keeps = useKeeps();
  const { titleOf, makesSecret } = useKinds();
  const map = useSkuMap(connection.id);
  const [isSetting, setSetting] = useState(false);
  const done = stepsDone(connection, map.data?.length ?? 0);
  return (
    <>
      {map.data && done < STEPS.length && (
        <Section title={t('steps.title')}>
          <Steps
            current={done}
            responsive
            items={STEPS.map((step) => ({ title: t(`steps.${step}`), content: t(`steps.${step}Hint`) }))}
          />
        </Section>
      )}
      <Section title={t('basics')}>
        <Descriptions
          column={1}
          items={[
            { key: 'kind', label: t('kind'), children: titleOf(connection.kind) },
            {
              key: 'address',
              label: t('address'),
              children: <Copyable text={wholeAddress(connection.address, location.origin)} />,
            },
            {
              key: 'secret',
              label: t('secret.secret'),
              children: (
                <Flex gap="small" wrap align="center">
                  {connection.has_secret ? t('secret.isSet') : t('secret.isMissing')}
                  {connection.former_secret_until && (
                    <span className="secondary">
                      {t('secret.former', { time: minuteText(connection.former_secret_until) })}
                    </span>
                  )}
                  {keeps && (
                    <Button size="small" onClick={() => setSetting(true)}>
                      {t(connection.has_secret ? 'secret.rotate' : 'secret.set')}
                    </Button>
                  )}
                </Flex>
              ),
            },
            {
              key: 'ready',
              label: t('readyWhen.label'),
              children: t(`readyWhen.${connection.ready_when}`),
            },
            { key: 'front', label: t('frontUrl'), children: connection.front_url ?? '--' },
            { key: 'opened', label: t('openedAt'), children: minuteText(connection.opened_at) },
          ]}
        />
      </Section>
      <HealthPart connection={connection} />
      <MirrorPart connection={connection} keeps={keeps} />
      <SkuMapPart connection={connection} keeps={keeps} />
      {isSetting && (
        <SecretForm connection={connection} isMade={makesSecret(connection.kind)} onClose={() => setSetting(false)} />
      )}
    </>
  );
}

function HealthPart({ connection }: { connection: Connection }) {
  const { t } = useTranslation('connections');
  const health = useHealth(connection.id);
  const counted = (count: number, at: string | null) =>
    count === 0 ? '0' : t('health.lastOf', { count, time: secondText(at) });
  if (health.error && !health.data) {
    return (
      <Section title={t('health.title')}>
        <Failed error={health.error} retry={() => void health.refetch()} />
      </Section>
    );
  }
  const data = health.data;
  return (
    <Section title={t('health.title')} extra={<HealthSummary id={connection.id} />}>
      {data ? (
        <Descriptions
          column={{ xs: 1, sm: 1, md: 2 }}
          items={[
            { key: 'last', label: t('health.lastNotice'), children: secondText(data.last_notice_at) },
            { key: 'answered', label: t('health.answered'), children: data.answered },
            {
              key: 'signature',
              label: t('health.signature'),
              children: counted(data.signature_errors, data.last_signature_error_at),
            },
            { key: 'clock', label: t('health.clock'), children: counted(data.clock_errors, data.last_clock_error_at) },
            {
              key: 'malformed',
              label: t('health.malformed'),
              children: counted(data.malformed, data.last_malformed_at),
            },
            {
              key: 'skew',
              label: t('health.skew'),
              children:
                data.skew_ms === null ? '--' : t('health.seconds', { seconds: (data.skew_ms / 1000).toFixed(1) }),
            },
            { key: 'parked', label: t('notices.states.parked'), children: data.parked },
            { key: 'refused', label: t('notices.states.refused'), children: data.refused },
            {
              key: 'unready',
              label: t('health.unready'),
              children:
                data.unready === 0
                  ? '0'
                  : t('health.since', { count: data.unready, time: minuteText(data.unready_since) }),
            },
          ]}
        />
      ) : (
        <div className="empty-space" aria-busy="true" />
      )}
    </Section>
  );
}
