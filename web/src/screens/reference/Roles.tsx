/** 角色管理: the vendor admin reads (U-36), the platform operator keeps them (F-08). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Form, Select, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, ifMatch, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { byName } from '../../app/collate';
import { useEntrance } from '../../app/entrance';
import { FormDialog } from '../../wrappers/FormDialog';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { CodeFields } from './CodeFields';
import { EditButton } from './EditButton';
import { whole } from './whole';

type Role = Schema<'TemplateRoleEntry'>;

const SIDES = ['vendor', 'provider', 'customer', 'operator'] as const;
const FILTERS = { name: text, side: maybeOneOf(SIDES) };

export default function Roles() {
  const { t } = useTranslation('reference');
  const keeps = useEntrance() === 'operator';
  const filters = useFilters(FILTERS);
  const list = useList(['roles', filters.query], () =>
    whole(answer(api.GET('/api/v1/roles', { params: { query: filters.query } }))),
  );
  const [editing, setEditing] = useState<{ role?: Role }>();
  const rows = list.rows
    .filter(({ side }) => side !== 'operator')
    .toSorted((one, other) => byName(one.name, other.name));
  const columns: Column<Role>[] = [
    { key: 'name', title: t('roles.name'), render: ({ name }) => name },
    // Codes and the platform's own roles mean nothing to a vendor.
    ...(keeps ? [{ key: 'code', title: t('code'), render: ({ code }: Role) => <code>{code}</code> }] : []),
    { key: 'side', title: t('roles.side'), render: ({ side }) => t(`sides.${side as (typeof SIDES)[number]}`) },
    {
      key: 'active',
      title: t('state'),
      render: ({ active }) => <Tag color={active ? 'green' : 'default'}>{t(active ? 'inUse' : 'notInUse')}</Tag>,
    },
    ...(keeps
      ? [
          {
            key: 'operation',
            title: t('list.operation', { ns: 'app' }),
            fixed: true,
            width: 100,
            render: (role: Role) => <EditButton name={role.name} onClick={() => setEditing({ role })} />,
          },
        ]
      : []),
  ];
  return (
    <>
      <ListPage<Role>
        name="roles"
        title={t(keeps ? 'roles.keptTitle' : 'roles.title')}
        hint={<p className="secondary page-hint">{t(keeps ? 'roles.keptHint' : 'roles.hint')}</p>}
        extra={
          keeps && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing({})}>
              {t('create')}
            </Button>
          )
        }
        query={{
          fields: [
            { kind: 'text', name: 'name', label: t('roles.name'), first: true },
            {
              kind: 'choice',
              name: 'side',
              label: t('roles.side'),
              first: true,
              options: SIDES.filter((side) => keeps || side !== 'operator').map((side) => ({
                value: side,
                label: t(`sides.${side}`),
              })),
            },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values as Partial<typeof filters.values>),
          onReset: () => filters.reset(),
        }}
        list={keeps ? list : { ...list, rows, total: list.total === undefined ? undefined : rows.length }}
        columns={columns}
        rowKey="code"
        empty={{ title: t('roles.empty') }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      {editing && <RoleForm {...editing} onClose={() => setEditing(undefined)} />}
    </>
  );
}

type Values = Schema<'TemplateNewRole'> & { active: boolean };

function RoleForm({ role, onClose }: { role?: Role; onClose: () => void }) {
  const { t } = useTranslation('reference');
  const { message } = App.useApp();
  const save = async ({ active, ...created }: Values) => {
    if (role) {
      const body = { name: created.name.trim(), active };
      await api.PUT('/api/v1/roles/{code}', { params: { path: { code: role.code } }, body, ...ifMatch(role.version) });
    } else {
      await api.POST('/api/v1/roles', { body: { ...created, name: created.name.trim() } });
    }
    await queries.invalidateQueries();
    void message.success(t('form.saved', { ns: 'app' }));
  };
  return (
    <FormDialog<Values>
      title={t(role ? 'roles.edit' : 'roles.create')}
      subject={role?.name}
      draft={['role', role ? `${role.code}.${role.version}` : 'new']}
      at={{ 'code-taken': 'code' }}
      initial={role ? { ...role, side: role.side as Values['side'] } : { side: 'provider', active: true }}
      onSubmit={save}
      onClose={onClose}
    >
      <CodeFields isNew={!role} nameLabel={t('roles.name')} namePlaceholder={t('roles.namePlaceholder')} />
      <Form.Item name="side" label={t('roles.side')} extra={t('roles.sideHint')}>
        <Select
          disabled={role !== undefined}
          options={SIDES.map((side) => ({ value: side, label: t(`sides.${side}`) }))}
        />
      </Form.Item>
    </FormDialog>
  );
}
