/** 商品模板更换: products online before the Delivery Center get their template, or go offline (F-04, F-05, P-13). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { oneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from '../reference/EditButton';
import { OfflineForm, TableForm, TemplateForm } from './TemplateReplacementForms';

type Historical = Schema<'TemplateHistoricalEntry'>;

const TABS = ['unswitched', 'switched', 'offline', 'all'] as const;
const FILTERS = { tab: oneOf(TABS, 'unswitched'), code: text, provider_name: text };

export default function TemplateReplacement() {
  const { t } = useTranslation('operator');
  const filters = useFilters(FILTERS);
  const { tab, ...wanted } = filters.query;
  const state = filters.values.tab === 'all' ? ('' as const) : filters.values.tab;
  const list = useList(['historical-products', filters.query], (page) =>
    answer(
      api.GET('/api/v1/historical-products', {
        params: { query: { ...wanted, state, ...page } },
      }),
    ),
  );
  const [open, setOpen] = useState<{ dialog: 'table' } | { dialog: 'template' | 'offline'; product: Historical }>();
  const close = () => setOpen(undefined);
  const done = async () => {
    await queries.invalidateQueries();
  };
  const record = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({ dialog: 'table' })}>
      {t('replacement.record')}
    </Button>
  );
  const columns: Column<Historical>[] = [
    { key: 'provider_name', title: t('replacement.provider'), width: 100, render: (one) => one.provider_name ?? '--' },
    { key: 'account', title: t('replacement.account'), width: 110, render: (one) => one.account ?? '--' },
    { key: 'code', title: t('replacement.code'), width: 80, render: (one) => one.code },
    { key: 'name', title: t('replacement.name'), width: 110, render: (one) => one.name },
    { key: 'serial', title: t('replacement.serial'), width: 76, render: (one) => one.template_serial ?? '--' },
    { key: 'template', title: t('replacement.template'), width: 100, render: (one) => one.template_name ?? '--' },
    { key: 'state', title: t('replacement.state'), width: 76, render: (one) => <State state={one.state} /> },
    { key: 'recorded_at', title: t('replacement.recordedAt'), width: 92, render: (one) => minuteText(one.recorded_at) },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: 130,
      render: (product) =>
        product.state === 'offline' ? (
          '--'
        ) : (
          <Flex gap={12}>
            <EditButton
              label={t('replacement.replace')}
              name={product.name}
              onClick={() => setOpen({ dialog: 'template', product })}
            />
            {product.state === 'unswitched' && (
              <EditButton
                danger
                label={t('replacement.offline')}
                name={product.name}
                onClick={() => setOpen({ dialog: 'offline', product })}
              />
            )}
          </Flex>
        ),
    },
  ];
  return (
    <>
      <ListPage<Historical>
        name="template-replacement"
        title={t('replacement.title')}
        hint={<p className="secondary page-hint">{t('replacement.hint')}</p>}
        extra={record}
        tabs={{ active: filters.values.tab, items: TABS.map((key) => ({ key, label: t(`replacement.tabs.${key}`) })) }}
        onTab={(chosen) => filters.apply({ tab: chosen as (typeof TABS)[number] })}
        query={{
          fields: [
            { kind: 'text', name: 'provider_name', label: t('replacement.provider'), first: true },
            { kind: 'text', name: 'code', label: t('replacement.code'), first: true },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values as Partial<typeof filters.values>),
          onReset: () => filters.reset(['tab']),
        }}
        list={list}
        rowKey="id"
        columns={columns}
        empty={{ title: t('replacement.empty'), hint: t('replacement.emptyHint'), action: record }}
        isFiltered={Object.keys(wanted).length > 0}
      />
      {open?.dialog === 'table' && <TableForm onDone={done} onClose={close} />}
      {open?.dialog === 'template' && <TemplateForm product={open.product} onDone={done} onClose={close} />}
      {open?.dialog === 'offline' && <OfflineForm product={open.product} onDone={done} onClose={close} />}
    </>
  );
}

const COLOURS: Readonly<Record<string, string>> = { unswitched: 'orange', switched: 'green', offline: 'default' };

function State({ state }: { state: string }) {
  const { t } = useTranslation('operator');
  return <Tag color={COLOURS[state] ?? 'default'}>{t(`replacement.tabs.${state as (typeof TABS)[number]}`)}</Tag>;
}
