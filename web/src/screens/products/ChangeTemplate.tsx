/** Another template for the projects that start from now on (P-11, P-14). */
import { Alert, App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { useBindable } from './useBindable';

export function ChangeTemplate({ product, onClose }: { product: Schema<'TemplateProductEntry'>; onClose: () => void }) {
  const { t } = useTranslation('products');
  const { message } = App.useApp();
  const { form, options } = useBindable();
  return (
    <FormDialog<{ template_id: string }>
      title={t('change.choose')}
      subject={`${product.code} · ${product.name}`}
      onClose={onClose}
      notice={<Alert type="info" showIcon title={t('change.hint')} className="form-refusal" />}
      onSubmit={async (body) => {
        await api.PUT('/api/v1/products/{product_id}/template', {
          params: { path: { product_id: product.id } },
          body,
        });
        await queries.invalidateQueries();
        void message.success(t('change.changed'));
      }}
    >
      <Form.Item label={t('change.current')} htmlFor="current-template">
        <Input id="current-template" value={product.template_name} disabled />
      </Form.Item>
      <Form.Item
        name="template_id"
        label={t('template')}
        rules={[{ required: true, message: t('change.placeholder') }]}
      >
        <Select
          options={options}
          loading={form.isLoading}
          placeholder={t('change.placeholder')}
          showSearch={{ optionFilterProp: 'label' }}
        />
      </Form.Item>
    </FormDialog>
  );
}
