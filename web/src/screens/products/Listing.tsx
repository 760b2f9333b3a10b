/** 上架: product data and template, then – behind 下一步 – providers and their loads (P-08 … P-12); again after 下线. */
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Flex, Form, Input, Select, Steps } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { answer, api, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { showAtFields } from '../../wrappers/refusals';
import { ProviderTable } from './ProviderTable';
import { useBindable } from './useBindable';

type Values = Schema<'TemplateNewProduct'>;

export default function Listing() {
  const { t } = useTranslation('products');
  const navigate = useNavigate();
  // The second step has an address of its own: a reload does not begin anew what is done already.
  const [search, setSearch] = useSearchParams();
  const id = search.get('listed');
  const found = useQuery({
    queryKey: ['product', id],
    enabled: id !== null,
    queryFn: () => answer(api.GET('/api/v1/products/{product_id}', { params: { path: { product_id: id ?? '' } } })),
  });
  const listed = found.data;
  return (
    <DetailPage
      trail={[t('title'), t('listing.title')]}
      backTo="/vendor/products"
      title={t('listing.title')}
      isLoading={id !== null && found.isLoading}
      error={found.error}
      retry={() => void found.refetch()}
    >
      <div className="card section">
        <Steps
          current={id ? 1 : 0}
          items={[{ title: t('listing.product') }, { title: t('listing.providers') }]}
          className="listing-steps"
        />
      </div>
      {listed ? (
        <Section
          title={t('listing.providers')}
          extra={<Button onClick={() => void navigate('/vendor/products')}>{t('listing.later')}</Button>}
        >
          <Alert
            type="success"
            showIcon
            className="form-refusal"
            title={`${t('listing.listed')}：${listed.name}（${listed.code}）`}
            description={t('listing.listedHint')}
          />
          <ProviderTable productId={listed.id} saved={[]} onSaved={() => void navigate('/vendor/products')} />
        </Section>
      ) : (
        <Section title={t('listing.product')}>
          <ProductForm onListed={({ id: listedId }) => setSearch({ listed: listedId }, { replace: true })} />
        </Section>
      )}
    </DetailPage>
  );
}

function ProductForm({ onListed }: { onListed: (product: Schema<'TemplateProductState'>) => void }) {
  const { t } = useTranslation('products');
  const { message } = App.useApp();
  const [preset] = useSearchParams();
  const [form] = Form.useForm<Values>();
  const [pending, setPending] = useState(false);
  const template = Form.useWatch('template_id', form);
  const { form: offered, options } = useBindable();
  const isAgain = preset.has('code');
  const submit = async ({ code, name, template_id }: Values) => {
    setPending(true);
    try {
      const body = { code: code.trim(), name: name.trim(), template_id };
      const product = await answer(api.POST('/api/v1/products', { body }));
      await queries.invalidateQueries();
      onListed(product);
    } catch (error) {
      if (!showAtFields(form, error, { 'code-taken': 'code' })) {
        void message.error(messageOf(error, language()));
      }
    } finally {
      setPending(false);
    }
  };
  const required = (limit: number) => [
    { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) },
    { max: limit, message: t('form.tooLong', { ns: 'app', limit }) },
  ];
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      className="columns"
      initialValues={{ code: preset.get('code') ?? '', name: preset.get('name') ?? '' }}
      onFinish={(values) => void submit(values)}
    >
      <Form.Item name="code" label={t('code')} rules={required(64)}>
        <Input placeholder={t('listing.codePlaceholder')} disabled={isAgain} />
      </Form.Item>
      <Form.Item name="name" label={t('name')} rules={required(100)}>
        <Input placeholder={t('listing.namePlaceholder')} />
      </Form.Item>
      <Form.Item
        name="template_id"
        label={t('template')}
        rules={[{ required: true, message: t('change.placeholder') }]}
        extra={
          template && (
            <Link to={`/vendor/templates/${template}`} target="_blank">
              {t('listing.preview')}
            </Link>
          )
        }
      >
        <Select
          options={options}
          loading={offered.isLoading}
          placeholder={t('change.placeholder')}
          showSearch={{ optionFilterProp: 'label' }}
          notFoundContent={t('listing.noTemplates')}
        />
      </Form.Item>
      <Flex gap="small">
        <Button type="primary" htmlType="submit" loading={pending}>
          {t('listing.next')}
        </Button>
        <Link to="/vendor/products">
          <Button tabIndex={-1}>{t('cancel', { ns: 'app' })}</Button>
        </Link>
      </Flex>
    </Form>
  );
}
