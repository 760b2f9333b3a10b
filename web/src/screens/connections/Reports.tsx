/** 上报: what a marketplace's own delivery center was told, or is to be; the parked ones are put right here. */
import { Alert, App, Flex, Form, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { secondText } from '../../app/times';
import { FormDialog } from '../../wrappers/FormDialog';
import { ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { useAccountCare } from '../settings/useAccountCare';
import { knownReport, REPORT_COLORS, REPORT_STATES, type Report } from './mirror';
import { useConnection, useKeeps } from './useConnections';

const FILTERS = { state: maybeOneOf(REPORT_STATES) };

export default function Reports() {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const { connectionId = '' } = useParams();
  const connection = useConnection(connectionId);
  const keeps = useKeeps();
  const filters = useFilters(FILTERS);
  const [replayed, setReplayed] = useState<Report>();
  const dismiss = useDismissal(connectionId);
  const list = useList<Report>(['connections', connectionId, 'reports', filters.query], (page) =>
    answer(
      api.GET('/api/v1/connections/{connection_id}/reports', {
        params: { path: { connection_id: connectionId }, query: { ...filters.query, ...page } },
      }),
    ),
  );
  const stateTag = ({ state }: Report) => <Tag color={REPORT_COLORS[state]}>{t(`mirror.states.${state}`)}</Tag>;
  const reason = (report: Report) => {
    const known = knownReport(report.reason);
    return known ? t(`mirror.reasons.${known}`) : (report.reason ?? '--');
  };
  const what = (report: Report) => [t(`mirror.acts.${report.act}`), report.name].filter(Boolean).join(' · ');
  const buttons = (report: Report) =>
    keeps && report.state === 'parked' ? (
      <Flex>
        <EditButton
          label={t('mirror.replay')}
          name={`${report.order_key} ${report.number}`}
          onClick={() => setReplayed(report)}
        />
        <EditButton
          danger
          label={t('mirror.dismiss')}
          name={`${report.order_key} ${report.number}`}
          onClick={() => dismiss(report)}
        />
      </Flex>
    ) : null;
  return (
    <>
      <ListPage<Report>
        name="reports"
        title={connection.data ? t('mirror.reportsOf', { name: connection.data.name }) : t('mirror.reports')}
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
              label: t('mirror.state'),
              first: true,
              options: REPORT_STATES.map((value) => ({ value, label: t(`mirror.states.${value}`) })),
            },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values as Parameters<typeof filters.apply>[0]),
          onReset: () => filters.reset(),
        }}
        isFiltered={Object.keys(filters.query).length > 0}
        list={list}
        rowKey="id"
        columns={[
          { key: 'asked_at', title: t('mirror.askedAt'), width: 104, render: (one) => secondText(one.asked_at) },
          {
            key: 'order',
            title: t('notices.order'),
            width: 150,
            render: (one) => <Link to={`/${entrance}/projects/${one.project_id}`}>{one.order_key}</Link>,
          },
          { key: 'what', title: t('mirror.what'), width: 170, render: what },
          { key: 'state', title: t('mirror.state'), width: 90, render: stateTag },
          { key: 'reason', title: t('notices.reason'), width: 200, render: reason },
          { key: 'ended_at', title: t('mirror.endedAt'), width: 104, render: (one) => secondText(one.ended_at) },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 150,
            render: buttons,
          },
        ]}
        phone={{
          title: t('mirror.reports'),
          render: (one) => (
            <>
              <strong>{one.order_key}</strong> {stateTag(one)}
              <div className="secondary">
                {what(one)} {secondText(one.asked_at)}
              </div>
              {one.reason && <div>{reason(one)}</div>}
            </>
          ),
        }}
        empty={{ title: t('mirror.empty'), hint: t('mirror.emptyHint') }}
      />
      {replayed && <ReplayForm connectionId={connectionId} report={replayed} onClose={() => setReplayed(undefined)} />}
    </>
  );
}

/** Asks before a report is left untold. */
function useDismissal(connection_id: string) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const { asked } = useAccountCare(() => undefined);
  return (report: Report) =>
    asked(t('mirror.dismissAsk', { order: report.order_key }), t('mirror.dismiss'), async () => {
      await api.POST('/api/v1/connections/{connection_id}/reports/{report_id}/dismissal', {
        params: { path: { connection_id, report_id: report.id } },
      });
      await queries.invalidateQueries();
      void message.success(t('mirror.dismissed'));
    });
}

interface ReplayFormProps {
  connectionId: string;
  report: Report;
  onClose: () => void;
}

/** Told after all, about the node that is found by itself, or the one that is named. */
function ReplayForm({ connectionId, report, onClose }: ReplayFormProps) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const replay = async ({ node_id }: { node_id?: string }) => {
    await api.POST('/api/v1/connections/{connection_id}/reports/{report_id}/replay', {
      params: { path: { connection_id: connectionId, report_id: report.id } },
      body: { node_id: node_id ? Number(node_id) : null },
    });
    await queries.invalidateQueries();
    void message.success(t('mirror.replayed'));
  };
  return (
    <FormDialog<{ node_id?: string }>
      title={t('mirror.replay')}
      subject={report.order_key}
      initial={{ node_id: '' }}
      onSubmit={replay}
      onClose={onClose}
      notice={<Alert type="info" showIcon className="form-refusal" title={t('mirror.replayHint')} />}
    >
      {report.step !== null && (
        <Form.Item
          name="node_id"
          label={t('mirror.node')}
          extra={t('mirror.nodeHint')}
          rules={[{ pattern: /^[1-9]\d{0,14}$/, message: t('mirror.nodeInvalid') }]}
        >
          <Input inputMode="numeric" maxLength={15} />
        </Form.Item>
      )}
    </FormDialog>
  );
}
