/** One product: 配置服务商, 查看 (read-only) and 编辑 with its template as well (P-05, P-11, P-19, P-29, A-19). */
import { useQuery } from '@tanstack/react-query';
import { Button, Descriptions, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { answer, api } from '../../api';
import { minuteText } from '../../app/times';
import { holds, useMe } from '../../session/session';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { Failed, Waiting } from '../../wrappers/states';
import { ChangeTemplate } from './ChangeTemplate';
import { ParametersPart } from './ParametersPart';
import { ProviderTable } from './ProviderTable';

const TITLES = { configuration: 'configure', view: 'view', edit: 'edit' } as const;

export default function ProductPage() {
  const { t } = useTranslation('products');
  const { productId = '', mode = 'view' } = useParams();
  const title = TITLES[mode as keyof typeof TITLES] ?? 'view';
  const isAdmin = holds(useMe().data, 'vendor_admin');
  const [changing, setChanging] = useState(false);
  const path = { product_id: productId };
  const product = useQuery({
    queryKey: ['product', productId],
    queryFn: () => answer(api.GET('/api/v1/products/{product_id}', { params: { path } })),
  });
  const providers = useQuery({
    queryKey: ['provider-configuration', productId],
    queryFn: () => answer(api.GET('/api/v1/provider-configurations/{product_id}', { params: { path } })),
  });
  const found = product.data;
  return (
    <DetailPage
      trail={[t('title'), t(title)]}
      backTo="/vendor/products"
      title={found?.name}
      tags={found?.state === 'offline' && <Tag>{t('offline')}</Tag>}
      isLoading={product.isLoading}
      error={product.error}
      retry={() => void product.refetch()}
    >
      {found && title !== 'configure' && (
        <Section
          title={t('change.section')}
          extra={
            title === 'edit' &&
            isAdmin && (
              <Button onClick={() => setChanging(true)} disabled={found.historical || found.state === 'offline'}>
                {t('change.choose')}
              </Button>
            )
          }
        >
          <Descriptions
            column={{ xs: 1, md: 2 }}
            items={[
              { key: 'code', label: t('code'), children: found.code },
              { key: 'created', label: t('created'), children: minuteText(found.listed_at) },
              {
                key: 'template',
                label: t('template'),
                children: (
                  <Flex gap="small" wrap>
                    {found.template_name}
                    <span className="secondary">{t('change.serial', { serial: found.template_serial })}</span>
                  </Flex>
                ),
              },
            ]}
          />
        </Section>
      )}
      <Section title={t('providers.section')}>
        {providers.error && <Failed error={providers.error} retry={() => void providers.refetch()} />}
        {providers.isLoading && <Waiting />}
        {providers.data && (
          <ProviderTable
            productId={productId}
            version={providers.data.version}
            readOnly={title === 'view'}
            saved={providers.data.providers.map((one) => ({ ...one, name: one.name ?? one.provider_id }))}
          />
        )}
      </Section>
      {found && title !== 'configure' && (
        <ParametersPart productId={productId} readOnly={title === 'view' || !isAdmin} />
      )}
      {changing && found && <ChangeTemplate product={found} onClose={() => setChanging(false)} />}
    </DetailPage>
  );
}
