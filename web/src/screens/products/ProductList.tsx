/** 产品中心: the products, their templates and whether providers are configured (P-01 … P-07). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { minuteText } from '../../app/times';
import { holds, useMe } from '../../session/session';
import { Lines } from '../../wrappers/Clamped';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';

type Product = Schema<'ReportingProductOut'>;

const FILTERS = { code: text, name: text, template_name: text };
/** Operation of the API → its name and the page it leads to. */
const PAGES = { configure: 'configuration', view: 'view', edit: 'edit' } as const;

export default function ProductList() {
  const { t } = useTranslation('products');
  const navigate = useNavigate();
  const state = useListState();
  const isAdmin = holds(useMe().data, 'vendor_admin');
  const filters = useFilters(FILTERS);
  const list = useList<Product>(['product-list', filters.query], (page) =>
    answer(api.GET('/api/v1/product-list', { params: { query: { ...filters.query, ...page } } })),
  );
  const columns: Column<Product>[] = [
    { key: 'code', title: t('code'), render: (row) => row.code },
    {
      key: 'name',
      width: 220,
      lines: 0,
      title: t('name'),
      render: (row) => (
        <Lines
          first={
            <>
              {row.name} {row.taken_offline_at && <Tag>{t('offline')}</Tag>}
            </>
          }
          others={[minuteText(row.listed_at)]}
        />
      ),
    },
    { key: 'vendor', title: t('vendor'), render: (row) => row.vendor_name ?? '--' },
    {
      key: 'template',
      width: 180,
      title: t('template'),
      render: (row) =>
        isAdmin ? <Link to={`/vendor/templates/${row.template_id}`}>{row.template_name}</Link> : row.template_name,
    },
    {
      key: 'provider_state',
      title: t('providerState'),
      render: (row) =>
        row.provider_state === 'configured' ? (
          <Tag color="success">{t('configured')}</Tag>
        ) : (
          <Tag color="warning">{t('unconfigured')}</Tag>
        ),
    },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: 180,
      render: (row) => (
        <Flex gap={12}>
          {row.operations.filter(isOperation).map((operation) => (
            <Link
              key={operation}
              to={`${row.product_id}/${PAGES[operation]}`}
              state={state}
              aria-label={`${t(operation)} ${row.name}`}
            >
              {t(operation)}
            </Link>
          ))}
          {isAdmin && row.taken_offline_at && (
            <Link
              to={`new?${new URLSearchParams({ code: row.code, name: row.name, template: row.template_id })}`}
              aria-label={`${t('listAgain')} ${row.name}`}
            >
              {t('listAgain')}
            </Link>
          )}
        </Flex>
      ),
    },
  ];
  const create = isAdmin && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate('new')}>
      {t('list')}
    </Button>
  );
  return (
    <ListPage<Product>
      name="products"
      title={t('title')}
      extra={create}
      query={{
        fields: [
          { kind: 'text', name: 'code', label: t('code'), first: true },
          { kind: 'text', name: 'name', label: t('name'), first: true },
          { kind: 'text', name: 'template_name', label: t('templateName'), first: true },
        ],
        values: filters.values,
        onSearch: filters.apply,
        onReset: () => filters.reset(),
      }}
      views={{ filters: filters.query, onChoose: filters.replace }}
      list={list}
      columns={columns}
      rowKey="product_id"
      empty={{ title: t('empty'), hint: t(isAdmin ? 'emptyHint' : 'emptyReader'), action: create }}
      isFiltered={Object.keys(filters.query).length > 0}
    />
  );
}

function isOperation(operation: string): operation is keyof typeof PAGES {
  return operation in PAGES;
}
