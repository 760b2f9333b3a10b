/** 已购服务: what the account signed in has bought, with 管理 to act as its customer (S-01 … S-10). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Badge, Button, Form, Input } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { dayText, minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';

const FormDialog = lazy(async () => ({ default: (await import('../../wrappers/FormDialog')).FormDialog }));

type Service = Schema<'ReportingPurchasedServiceOut'>;
type State = 'running' | 'completed' | 'paused' | 'cancelled';
const DOTS = { running: 'processing', completed: 'success', paused: 'warning', cancelled: 'default' } as const;

export default function PurchasedServices() {
  const { t } = useTranslation('projects');
  const state = useListState();
  const isCustomer = useEntrance() === 'customer';
  const [ordering, setOrdering] = useState(false);
  const list = useList(['purchased-services'], (cursor) =>
    answer(api.GET('/api/v1/purchased-services', { params: { query: cursor ? { cursor } : {} } })),
  );
  const testOrder = !isCustomer && (
    <Button icon={<PlusOutlined />} onClick={() => setOrdering(true)}>
      {t('purchased.test')}
    </Button>
  );
  const stateOf = (row: Service) => (
    <Badge status={DOTS[row.state as State]} text={t(`purchased.states.${row.state as State}`)} />
  );
  return (
    <>
      <ListPage<Service>
        name="purchased"
        title={t('purchased.title')}
        extra={testOrder}
        list={list}
        rowKey="project_id"
        columns={[
          { key: 'order', title: t('purchased.order'), render: (row) => row.order_number },
          { key: 'product', title: t('purchased.product'), render: (row) => row.product_name },
          { key: 'edition', title: t('purchased.edition'), render: (row) => row.edition ?? '--' },
          { key: 'created', title: t('purchased.created'), render: (row) => minuteText(row.created_at) },
          { key: 'vendor', title: t('purchased.vendor'), render: (row) => row.vendor_name ?? '--' },
          { key: 'expires', title: t('purchased.expires'), render: (row) => dayText(row.valid_until) },
          { key: 'state', title: t('purchased.state'), render: stateOf },
          {
            key: 'operation',
            title: t('purchased.operation'),
            fixed: true,
            width: 88,
            render: (row) => (
              <Link to={row.project_id} state={state} aria-label={`${t('purchased.manage')} ${row.order_number}`}>
                {t('purchased.manage')}
              </Link>
            ),
          },
        ]}
        phone={{
          title: t('purchased.title'),
          render: (row) => (
            <div className="card-cell">
              <strong>{row.product_name}</strong>
              {stateOf(row)}
              <span className="secondary">{`${row.order_number} · ${row.edition ?? '--'}`}</span>
              <span className="secondary">{`${row.vendor_name ?? '--'} · ${minuteText(row.created_at)}`}</span>
            </div>
          ),
        }}
        empty={{
          title: t('purchased.empty'),
          hint: t(isCustomer ? 'purchased.emptyCustomer' : 'purchased.emptyHint'),
          action: testOrder,
        }}
      />
      <Suspense>{ordering && <TestOrder onClose={() => setOrdering(false)} />}</Suspense>
    </>
  );
}

interface Values {
  product_code: string;
  vendor_account: string;
  edition?: string;
  valid_until?: string;
}

/** S-07: an order of one's own, to try a flow in the role of the customer. */
function TestOrder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const required = (name: string) => [{ required: true, whitespace: true, message: t('purchased.enter', { name }) }];
  const order = async (values: object) => {
    const { product_code, vendor_account, edition, valid_until } = values as Values;
    const body = {
      product_code: product_code.trim(),
      vendor_account: vendor_account.trim(),
      ...(edition?.trim() ? { edition: edition.trim() } : {}),
      ...(valid_until ? { valid_until } : {}),
    } as Schema<'ProjectTestOrder'>; // the product is named by its code
    const begun = await answer(api.POST('/api/v1/orders/test', { body }));
    await queries.invalidateQueries();
    void message.success(t('purchased.ordered'));
    void navigate(begun.project_id);
  };
  return (
    <FormDialog title={t('purchased.test')} onClose={onClose} onSubmit={order}>
      <p className="secondary">{t('purchased.testHint')}</p>
      <Form.Item name="product_code" label={t('purchased.code')} rules={required(t('purchased.code'))}>
        <Input maxLength={64} placeholder="66001" />
      </Form.Item>
      <Form.Item name="vendor_account" label={t('purchased.account')} rules={required(t('purchased.account'))}>
        <Input maxLength={100} placeholder="1744526877246715" />
      </Form.Item>
      <Form.Item name="edition" label={t('purchased.edition')}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="valid_until" label={t('purchased.expires')}>
        <Input type="date" />
      </Form.Item>
    </FormDialog>
  );
}
