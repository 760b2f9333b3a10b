/** One notice beside the list: as it came, what it says, what is answered; a parked one is replayed or refused. */
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Descriptions, Flex, Form, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { secondText } from '../../app/times';
import { FormDialog } from '../../wrappers/FormDialog';
import { SidePanel } from '../../wrappers/SidePanel';
import { Failed, Waiting } from '../../wrappers/states';
import { useAccountCare } from '../settings/useAccountCare';
import { knownReason, type NoticeDetail, readable, STATE_COLORS, saidIn } from './notice';
import { useKeeps } from './useConnections';

export interface NoticePanelProps {
  connectionId: string;
  noticeId: string;
  onClose: () => void;
}

export function NoticePanel({ connectionId, noticeId, onClose }: NoticePanelProps) {
  const { t } = useTranslation('connections');
  const params = { path: { connection_id: connectionId, notice_id: noticeId } };
  const found = useQuery({
    queryKey: ['connections', connectionId, 'notice', noticeId],
    queryFn: () => answer(api.GET('/api/v1/connections/{connection_id}/notices/{notice_id}', { params })),
  });
  const notice = found.data;
  return (
    <SidePanel title={t('notices.one')} subject={notice?.order_key} size={640} onClose={onClose}>
      {found.error && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isLoading && <Waiting />}
      {notice && (
        <>
          <Standing notice={notice} params={params} />
          <Content notice={notice} />
        </>
      )}
    </SidePanel>
  );
}

interface Params {
  path: { connection_id: string; notice_id: string };
}

function Standing({ notice, params }: { notice: NoticeDetail; params: Params }) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const { message } = App.useApp();
  const keeps = useKeeps();
  const { asked } = useAccountCare(() => undefined);
  const [isReplaying, setReplaying] = useState(false);
  const known = knownReason(notice.reason);
  const refuse = () =>
    asked(t('notices.refuseAsk', { order: notice.order_key }), t('notices.refuse'), async () => {
      await api.POST('/api/v1/connections/{connection_id}/notices/{notice_id}/refusal', { params });
      await queries.invalidateQueries();
      void message.success(t('notices.refused'));
    });
  return (
    <>
      <Descriptions
        column={1}
        size="small"
        items={[
          {
            key: 'state',
            label: t('notices.state'),
            children: <Tag color={STATE_COLORS[notice.state]}>{t(`notices.states.${notice.state}`)}</Tag>,
          },
          ...(notice.reason
            ? [
                {
                  key: 'reason',
                  label: t('notices.reason'),
                  children: known
                    ? t(`notices.reasons.${known}`, { parameter: notice.parameter ?? '' })
                    : notice.reason,
                },
              ]
            : []),
          { key: 'verb', label: t('notices.verb'), children: notice.verb },
          { key: 'received', label: t('notices.receivedAt'), children: secondText(notice.received_at) },
          { key: 'number', label: t('notices.number'), children: notice.number },
          ...(notice.state === 'applied'
            ? [
                {
                  key: 'project',
                  label: t('notices.project'),
                  children: <Link to={`/${entrance}/projects/${notice.order_id}`}>{t('notices.toProject')}</Link>,
                },
              ]
            : []),
          ...saidIn(notice.changes).map(([name, text]) => ({
            key: `changed-${name}`,
            label: t('notices.changed', { name }),
            children: text,
          })),
        ]}
      />
      {notice.state === 'parked' && keeps && (
        <Flex gap="small" className="notice-part">
          <Button type="primary" onClick={() => setReplaying(true)}>
            {t('notices.replay')}
          </Button>
          <Button danger onClick={refuse}>
            {t('notices.refuse')}
          </Button>
        </Flex>
      )}
      {isReplaying && <ReplayForm notice={notice} params={params} onClose={() => setReplaying(false)} />}
    </>
  );
}

interface Changed {
  product_code?: string;
  sku?: string;
  /** Of the parameter that does not fit. */
  parameter?: string;
}

/** Tried again as it is, or with the product and SKU that were meant. */
function ReplayForm({ notice, params, onClose }: { notice: NoticeDetail; params: Params; onClose: () => void }) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const parameter = notice.parameter;
  const was = {
    product_code: notice.translated?.product_code ?? '',
    sku: notice.translated?.sku ?? '',
    ...(parameter
      ? { parameter: notice.changes[`parameters.${parameter}`] ?? notice.translated?.parameters?.[parameter] ?? '' }
      : {}),
  };
  const replay = async (values: Changed) => {
    const product_code = values.product_code?.trim() ?? '';
    const sku = values.sku?.trim() ?? '';
    const body = {
      ...(product_code !== '' && product_code !== was.product_code ? { product_code } : {}),
      ...(sku !== was.sku ? { sku } : {}),
      ...(parameter && values.parameter !== was.parameter
        ? { parameters: { [parameter]: values.parameter?.trim() ?? '' } }
        : {}),
    } as Schema<'IntakeChanges'>;
    const tried = await answer(
      api.POST('/api/v1/connections/{connection_id}/notices/{notice_id}/replay', { params, body }),
    );
    await queries.invalidateQueries();
    if (tried.state === 'parked') {
      void message.warning(t('notices.stillParked'));
    } else {
      void message.success(t('notices.replayed', { state: t(`notices.states.${tried.state}`) }));
    }
  };
  return (
    <FormDialog<Changed>
      title={t('notices.replay')}
      subject={notice.order_key}
      initial={was}
      onSubmit={replay}
      onClose={onClose}
      notice={<Alert type="info" showIcon className="form-refusal" title={t('notices.replayHint')} />}
    >
      {parameter && (
        <Form.Item
          name="parameter"
          label={t('notices.parameter', { name: parameter })}
          extra={t('notices.parameterHint')}
        >
          <Input maxLength={500} autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="product_code" label={t('map.productCode')}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="sku" label={t('map.sku')}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

function Content({ notice: { raw, translated, answered } }: { notice: NoticeDetail }) {
  const { t } = useTranslation('connections');
  const headers = raw ? Object.entries(raw.headers).map(([name, value]) => `${name}: ${value}`) : [];
  return (
    <>
      <h3>{t('notices.translated')}</h3>
      {translated ? (
        <Descriptions
          column={1}
          size="small"
          bordered
          items={saidIn(translated).map(([name, text]) => ({ key: name, label: name, children: text }))}
        />
      ) : (
        <p className="secondary">{t('notices.notTranslated')}</p>
      )}
      <h3 className="notice-part">{t('notices.answered')}</h3>
      {answered ? (
        <Text text={`${answered.status}\n${readable(answered.body)}`} />
      ) : (
        <p className="secondary">{t('notices.notAnswered')}</p>
      )}
      <h3 className="notice-part">{t('notices.raw')}</h3>
      {raw ? (
        <Text
          text={[`${raw.method} ${raw.query ? `?${raw.query}` : ''}`.trim(), ...headers, '', readable(raw.body)].join(
            '\n',
          )}
        />
      ) : (
        <p className="secondary">{t('notices.erased')}</p>
      )}
    </>
  );
}

function Text({ text }: { text: string }) {
  return <pre className="notice-text">{text}</pre>;
}
