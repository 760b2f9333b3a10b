/** 通知: what a marketplace sent; the parked ones are put right here. */
import { Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';
import { secondText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { NoticePanel } from './NoticePanel';
import { knownReason, type Notice, STATE_COLORS, STATES } from './notice';
import { useConnection } from './useConnections';

const FILTERS = { state: maybeOneOf(STATES), order: text };

export default function Notices() {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const { connectionId = '' } = useParams();
  const connection = useConnection(connectionId);
  const filters = useFilters(FILTERS);
  const [shown, setShown] = useState<string>();
  const list = useList<Notice>(['connections', connectionId, 'notices', filters.query], (page) =>
    answer(
      api.GET('/api/v1/connections/{connection_id}/notices', {
        params: { path: { connection_id: connectionId }, query: { ...filters.query, ...page } },
      }),
    ),
  );
  const stateTag = ({ state }: Notice) => <Tag color={STATE_COLORS[state]}>{t(`notices.states.${state}`)}</Tag>;
  const reason = (notice: Notice) => {
    const known = knownReason(notice.reason);
    return known ? t(`notices.reasons.${known}`, { parameter: notice.parameter ?? '' }) : (notice.reason ?? '--');
  };
  return (
    <>
      <ListPage<Notice>
        name="notices"
        title={connection.data ? t('notices.titleOf', { name: connection.data.name }) : t('notices.title')}
        hint={
          <p className="secondary page-hint">
            <Link to={`/${entrance}/connections/${connectionId}`}>{t('notices.back')}</Link>
          </p>
        }
        query={{
          fields: [
            {
              kind: 'choice',
              name: 'state',
              label: t('notices.state'),
              first: true,
              options: STATES.map((value) => ({ value, label: t(`notices.states.${value}`) })),
            },
            { kind: 'text', name: 'order', label: t('notices.order'), first: true },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values as Parameters<typeof filters.apply>[0]),
          onReset: () => filters.reset(),
        }}
        isFiltered={Object.keys(filters.query).length > 0}
        list={list}
        rowKey="id"
        columns={[
          {
            key: 'received_at',
            title: t('notices.receivedAt'),
            width: 160,
            render: (one) => secondText(one.received_at),
          },
          { key: 'order', title: t('notices.order'), width: 170, render: (one) => one.order_key },
          { key: 'verb', title: t('notices.verb'), width: 150, render: (one) => one.verb },
          { key: 'state', title: t('notices.state'), width: 90, render: stateTag },
          { key: 'reason', title: t('notices.reason'), width: 240, render: reason },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 90,
            render: (one) => (
              <EditButton label={t('open')} name={`${one.order_key} ${one.number}`} onClick={() => setShown(one.id)} />
            ),
          },
        ]}
        phone={{
          title: t('notices.title'),
          render: (one) => (
            <>
              <strong>{one.order_key}</strong> {stateTag(one)}
              <div className="secondary">
                {one.verb} {secondText(one.received_at)}
              </div>
              {one.reason && <div>{reason(one)}</div>}
            </>
          ),
        }}
        empty={{ title: t('notices.empty'), hint: t('notices.emptyHint') }}
      />
      {shown && <NoticePanel connectionId={connectionId} noticeId={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}
