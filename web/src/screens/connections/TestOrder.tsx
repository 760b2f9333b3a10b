/** 测试订单: sent as the marketplace would, by the same way in; then what it would have been answered. */
import { Alert, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { FormDialog } from '../../wrappers/FormDialog';
import type { Connection } from './connection';
import { keyOf, type SkuEntry } from './skuMap';

export interface TestOrderProps {
  connection: Connection;
  entries: readonly SkuEntry[];
  onClose: () => void;
}

export function TestOrder({ connection, entries, onClose }: TestOrderProps) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const [sent, setSent] = useState<Schema<'IntakeTestOrderOut'>>();
  const send = async ({ line }: { line: string }) => {
    const entry = entries.find((one) => keyOf(one) === line);
    const order = await answer(
      api.POST('/api/v1/connections/{connection_id}/test-orders', {
        params: { path: { connection_id: connection.id } },
        body: { product_code: entry?.product_code ?? '', sku: entry?.sku ?? '' },
      }),
    );
    setSent(order);
    await queries.invalidateQueries();
  };
  const isWell = sent !== undefined && sent.status < 400;
  return (
    <FormDialog<{ line: string }>
      title={t('test.title')}
      subject={connection.name}
      okText={t('test.send')}
      initial={entries[0] ? { line: keyOf(entries[0]) } : {}}
      keepOpen
      onSubmit={send}
      onClose={onClose}
      notice={
        sent && (
          <Alert
            type={isWell ? 'success' : 'warning'}
            showIcon
            role="status"
            className="form-refusal"
            title={t('test.answered', { order: sent.order, status: sent.status })}
            description={
              <>
                <pre className="notice-text">{sent.body}</pre>
                <Link to={`/${entrance}/connections/${connection.id}/notices?order=${encodeURIComponent(sent.order)}`}>
                  {t('test.see')}
                </Link>
              </>
            }
          />
        )
      }
    >
      <Form.Item
        name="line"
        label={t('test.line')}
        extra={t('test.hint')}
        rules={[{ required: true, message: t('test.none') }]}
      >
        <Select
          options={entries.map((one) => ({
            value: keyOf(one),
            label: [one.product_code, one.sku, one.product_name].filter(Boolean).join(' / '),
          }))}
        />
      </Form.Item>
    </FormDialog>
  );
}
