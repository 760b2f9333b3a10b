/** 镜像: how the marketplace's own delivery center is told, where it has one. */
import { Button, Descriptions, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useEntrance } from '../../app/entrance';
import { minuteText, secondText } from '../../app/times';
import { Section } from '../../wrappers/DetailPage';
import { Failed } from '../../wrappers/states';
import type { Connection } from './connection';
import { MirrorForm } from './MirrorForm';
import { MIRROR_COLORS, type Mirror, mirrorState } from './mirror';
import { useMirror } from './useConnections';

export function MirrorPart({ connection, keeps }: { connection: Connection; keeps: boolean }) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const found = useMirror(connection.id);
  const [isSetting, setSetting] = useState(false);
  const mirror = found.data;
  if (!mirror) {
    return found.error ? (
      <Section title={t('mirror.title')}>
        <Failed error={found.error} retry={() => void found.refetch()} />
      </Section>
    ) : null;
  }
  if (!mirror.available && !mirror.configured) {
    return null;
  }
  return (
    <Section
      title={t('mirror.title')}
      extra={
        <Flex gap="small" wrap align="center">
          {mirror.configured && (
            <Link to={`/${entrance}/connections/${connection.id}/reports`}>
              <Button size="small" tabIndex={-1}>
                {t('mirror.reports')}
              </Button>
            </Link>
          )}
          {keeps && mirror.available && (
            <Button size="small" onClick={() => setSetting(true)}>
              {t('mirror.set')}
            </Button>
          )}
        </Flex>
      }
    >
      {mirror.configured ? <Standing mirror={mirror} /> : <p className="secondary">{t('mirror.hint')}</p>}
      {isSetting && <MirrorForm connection={connection} mirror={mirror} onClose={() => setSetting(false)} />}
    </Section>
  );
}

function Standing({ mirror }: { mirror: Mirror }) {
  const { t } = useTranslation('connections');
  const state = mirrorState(mirror);
  return (
    <Descriptions
      column={{ xs: 1, sm: 1, md: 2 }}
      items={[
        {
          key: 'state',
          label: t('mirror.state'),
          children: <Tag color={MIRROR_COLORS[state]}>{t(`mirror.standing.${state}`)}</Tag>,
        },
        { key: 'endpoint', label: t('mirror.endpoint'), children: mirror.endpoint },
        { key: 'key', label: 'AccessKey ID', children: mirror.access_key_id },
        { key: 'answered', label: t('mirror.answeredAt'), children: secondText(mirror.answered_at) },
        ...(mirror.error === null
          ? []
          : [
              {
                key: 'error',
                label: t('mirror.error'),
                children: `${mirror.error} ${secondText(mirror.failed_at)}`,
              },
            ]),
        {
          key: 'waiting',
          label: t('mirror.states.waiting'),
          children:
            mirror.waiting === 0
              ? '0'
              : t('health.since', { count: mirror.waiting, time: minuteText(mirror.waiting_since) }),
        },
        { key: 'parked', label: t('mirror.states.parked'), children: mirror.parked },
        { key: 'told', label: t('mirror.states.told'), children: mirror.told },
        { key: 'seen', label: t('mirror.states.seen'), children: mirror.seen },
      ]}
    />
  );
}
