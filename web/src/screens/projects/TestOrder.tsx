/** 下测试订单 (S-07): an order of one's own, to try a flow in the role of the customer. */
import { useQuery } from '@tanstack/react-query';
import { App, Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { DayPicker } from '../../wrappers/pickers';

interface Values {
  vendor_id?: string;
  product_id: string;
  edition?: string;
  valid_until?: string;
}

export default function TestOrder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const order = async ({ product_id, edition, valid_until }: Values) => {
    const body = {
      product_id,
      ...(edition?.trim() ? { edition: edition.trim() } : {}),
      ...(valid_until ? { valid_until } : {}),
    } as unknown as Schema<'ProjectTestOrder'>; // the product is named by its id; or, by others, by code and account
    const begun = await answer(api.POST('/api/v1/orders/test', { body }));
    await queries.invalidateQueries();
    void message.success(t('purchased.ordered'));
    void navigate(begun.project_id);
  };
  return (
    <FormDialog<Values> title={t('purchased.test')} draft={['test-order']} onClose={onClose} onSubmit={order}>
      {(form) => (
        <>
          <p className="secondary">{t('purchased.testHint')}</p>
          <Product form={form} />
          <Form.Item name="edition" label={t('purchased.edition')}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="valid_until" label={t('purchased.expires')}>
            <DayPicker />
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}

/** One of the products that can be tried: of a single vendor by name or code, else after the vendor was chosen. */
function Product({ form }: { form: FormInstance<Values> }) {
  const { t } = useTranslation('projects');
  const chosen = Form.useWatch('vendor_id', form);
  const found = useQuery({
    queryKey: ['products-to-try'],
    queryFn: async () => (await answer(api.GET('/api/v1/orders/test/products'))).items,
  });
  const products = found.data ?? [];
  const vendors = new Map(products.map((one) => [one.vendor_id, one.vendor_name]));
  const only = vendors.size === 1 ? [...vendors.keys()][0] : undefined;
  const vendor = only ?? chosen;
  return (
    <>
      {vendors.size > 1 && (
        <Form.Item
          name="vendor_id"
          label={t('purchased.vendor')}
          rules={[{ required: true, message: t('purchased.chooseVendor') }]}
        >
          <Select
            placeholder={t('purchased.chooseVendor')}
            showSearch={{ optionFilterProp: 'label' }}
            options={[...vendors].map(([value, label]) => ({ value, label }))}
            onChange={() => form.resetFields(['product_id'])}
          />
        </Form.Item>
      )}
      <Form.Item
        name="product_id"
        label={t('purchased.product')}
        rules={[{ required: true, message: t('purchased.chooseProduct') }]}
        extra={found.isSuccess && products.length === 0 ? t('purchased.noProducts') : undefined}
      >
        <Select
          loading={found.isLoading}
          disabled={vendor === undefined}
          placeholder={t('purchased.chooseProduct')}
          showSearch={{ optionFilterProp: 'label' }}
          options={products
            .filter((one) => one.vendor_id === vendor)
            .map((one) => ({ value: one.product_id, label: `${one.code} · ${one.name}` }))}
        />
      </Form.Item>
    </>
  );
}
