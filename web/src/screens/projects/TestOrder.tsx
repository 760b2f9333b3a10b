/** 下测试订单 (S-07): an order of one's own, to try a flow in the role of the customer. */
import { useQuery } from '@tanstack/react-query';
import { App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { FormDialog } from '../../wrappers/FormDialog';
import { DayPicker } from '../../wrappers/pickers';

interface Values {
  product_id?: string;
  product_code?: string;
  vendor_account?: string;
  edition?: string;
  valid_until?: string;
}

export default function TestOrder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const isVendor = useEntrance() === 'vendor';
  const required = (name: string) => [{ required: true, whitespace: true, message: t('purchased.enter', { name }) }];
  const order = async ({ product_id, product_code, vendor_account, edition, valid_until }: Values) => {
    const product = product_id
      ? { product_id }
      : { product_code: product_code?.trim(), vendor_account: vendor_account?.trim() };
    const body = {
      ...product,
      ...(edition?.trim() ? { edition: edition.trim() } : {}),
      ...(valid_until ? { valid_until } : {}),
    } as unknown as Schema<'ProjectTestOrder'>; // the product is named by its id, or by its code and its vendor's account
    const begun = await answer(api.POST('/api/v1/orders/test', { body }));
    await queries.invalidateQueries();
    void message.success(t('purchased.ordered'));
    void navigate(begun.project_id);
  };
  return (
    <FormDialog<Values> title={t('purchased.test')} draft={['test-order']} onClose={onClose} onSubmit={order}>
      <p className="secondary">{t('purchased.testHint')}</p>
      {isVendor ? (
        <OwnProduct />
      ) : (
        <>
          <Form.Item
            name="product_code"
            label={t('purchased.code')}
            extra={t('purchased.codeHint')}
            rules={required(t('purchased.code'))}
          >
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item
            name="vendor_account"
            label={t('purchased.account')}
            extra={t('purchased.accountHint')}
            rules={required(t('purchased.account'))}
          >
            <Input maxLength={100} inputMode="numeric" />
          </Form.Item>
        </>
      )}
      <Form.Item name="edition" label={t('purchased.edition')}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="valid_until" label={t('purchased.expires')}>
        <DayPicker />
      </Form.Item>
    </FormDialog>
  );
}

/** One of the vendor's own products, by name or code. */
function OwnProduct() {
  const { t } = useTranslation('projects');
  const products = useQuery({
    queryKey: ['product-list', 'own'],
    queryFn: async () => (await answer(api.GET('/api/v1/product-list', { params: { query: { limit: 200 } } }))).items,
  });
  return (
    <Form.Item
      name="product_id"
      label={t('purchased.product')}
      rules={[{ required: true, message: t('purchased.chooseProduct') }]}
    >
      <Select
        loading={products.isLoading}
        placeholder={t('purchased.chooseProduct')}
        showSearch={{ optionFilterProp: 'label' }}
        options={(products.data ?? [])
          .filter((one) => one.taken_offline_at === null)
          .map((one) => ({ value: one.product_id, label: `${one.code} · ${one.name}` }))}
      />
    </Form.Item>
  );
}
