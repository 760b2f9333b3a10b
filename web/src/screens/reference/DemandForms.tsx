/** 需求模板: the demand forms, kept by the platform operator (F-08, T-49). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Tag } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { ListPage } from '../../wrappers/ListPage';
import { lazily } from '../../wrappers/lazily';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from './EditButton';
import { whole } from './whole';

const DemandFormEditor = lazily(() => import('./DemandFormEditor'));

type DemandForm = Schema<'TemplateDemandFormEntry'>;

const FILTERS = { name: text };

export default function DemandForms() {
  const { t } = useTranslation('reference');
  const filters = useFilters(FILTERS);
  const list = useList(['demand-forms', filters.query], () =>
    whole(answer(api.GET('/api/v1/demand-forms', { params: { query: filters.query } }))),
  );
  const [editing, setEditing] = useState<{ form?: DemandForm }>();
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing({})}>
      {t('create')}
    </Button>
  );
  return (
    <>
      <ListPage<DemandForm>
        name="demand-forms"
        title={t('forms.title')}
        hint={<p className="secondary page-hint">{t('forms.hint')}</p>}
        extra={create}
        query={{
          fields: [{ kind: 'text', name: 'name', label: t('forms.name'), first: true }],
          values: filters.values,
          onSearch: filters.apply,
          onReset: () => filters.reset(),
        }}
        list={list}
        columns={[
          { key: 'name', title: t('forms.name'), render: ({ name }) => name },
          { key: 'code', title: t('code'), render: ({ code }) => <code>{code}</code> },
          { key: 'fields', title: t('forms.fields'), render: ({ schema }) => t('forms.fieldCount', sizeOf(schema)) },
          {
            key: 'active',
            title: t('state'),
            render: ({ active }) => <Tag color={active ? 'green' : 'default'}>{t(active ? 'inUse' : 'notInUse')}</Tag>,
          },
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 100,
            render: (form) => <EditButton name={form.name} onClick={() => setEditing({ form })} />,
          },
        ]}
        rowKey="code"
        empty={{ title: t('forms.empty'), hint: t('forms.emptyHint'), action: create }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      <Suspense>{editing && <DemandFormEditor {...editing} onClose={() => setEditing(undefined)} />}</Suspense>
    </>
  );
}

function sizeOf(schema: Record<string, unknown>): { count: number; required: number } {
  const { properties, required } = schema as { properties?: object; required?: unknown[] };
  return { count: Object.keys(properties ?? {}).length, required: required?.length ?? 0 };
}
