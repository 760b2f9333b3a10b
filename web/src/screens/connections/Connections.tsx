/** 接入: the vendor's connections to marketplaces. */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';
import { minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { useList } from '../../wrappers/useList';
import { ConnectionForm } from './ConnectionForm';
import { type Connection, failuresIn, STAGE_COLORS } from './connection';
import { HealthSummary } from './HealthSummary';
import { LinkLife } from './LinkLife';
import { useHealth, useKeeps, useKinds } from './useConnections';

export default function Connections() {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const ofAll = entrance === 'operator';
  const keeps = useKeeps();
  const { titleOf } = useKinds();
  const [isOpening, setOpening] = useState(false);
  const list = useList<Connection>(['connections'], (page) =>
    answer(api.GET('/api/v1/connections', { params: { query: page } })),
  );
  const create = keeps && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpening(true)}>
      {t('form.create')}
    </Button>
  );
  /** The list over all vendors has three columns more. */
  const width = (own: number, all: number) => (ofAll ? all : own);
  const stageTag = ({ stage }: Connection) => <Tag color={STAGE_COLORS[stage]}>{t(`stages.${stage}`)}</Tag>;
  return (
    <>
      <ListPage<Connection>
        name="connections"
        title={t('title')}
        hint={<p className="secondary page-hint">{t(ofAll ? 'hintOfAll' : 'hint')}</p>}
        extra={
          <>
            {keeps && <LinkLife />}
            {create}
          </>
        }
        list={list}
        rowKey="id"
        columns={[
          { key: 'name', title: t('name'), width: width(160, 136), render: (one) => one.name },
          ...(ofAll
            ? [{ key: 'vendor', title: t('vendor'), width: 124, render: (one: Connection) => one.vendor_name ?? '--' }]
            : []),
          { key: 'kind', title: t('kind'), width: width(180, 140), render: (one) => titleOf(one.kind) },
          { key: 'stage', title: t('stage'), width: width(90, 76), render: stageTag },
          {
            key: 'health',
            title: t('health.title'),
            width: width(260, 184),
            render: (one) => <HealthSummary id={one.id} />,
          },
          ...(ofAll
            ? [
                {
                  key: 'failures',
                  title: t('failures'),
                  width: 68,
                  render: (one: Connection) => <Failures id={one.id} />,
                },
                { key: 'parked', title: t('parked'), width: 68, render: (one: Connection) => <Parked one={one} /> },
              ]
            : []),
          { key: 'opened_at', title: t('openedAt'), width: width(140, 96), render: (one) => minuteText(one.opened_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: width(90, 72),
            render: (one) => (
              <Link to={`/${entrance}/connections/${one.id}`} aria-label={`${t('open')} ${one.name}`}>
                {t('open')}
              </Link>
            ),
          },
        ]}
        phone={{
          title: t('title'),
          render: (one) => (
            <>
              <strong>{one.name}</strong> {stageTag(one)}
              <div className="secondary">
                {[ofAll ? one.vendor_name : undefined, titleOf(one.kind)].filter(Boolean).join(' · ')}
              </div>
              <HealthSummary id={one.id} />
            </>
          ),
        }}
        empty={{ title: t('empty'), hint: t(ofAll ? 'emptyOfAll' : 'emptyHint'), action: create }}
      />
      {isOpening && <ConnectionForm onClose={() => setOpening(false)} />}
    </>
  );
}

/** Calls that were refused: for their signature, their time, or as nobody can read them. */
function Failures({ id }: { id: string }) {
  const health = useHealth(id).data;
  return health ? failuresIn(health) : '…';
}

/** How many notices wait for somebody, and the way to them. */
function Parked({ one }: { one: Connection }) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const count = useHealth(one.id).data?.parked;
  return count ? (
    <Link
      to={`/${entrance}/connections/${one.id}/notices?state=parked`}
      aria-label={t('parkedOf', { count, name: one.name })}
    >
      {count}
    </Link>
  ) : (
    (count ?? '…')
  );
}
