/** 企业架构 beside the users: choose, create, edit and delete departments (U-10, U-16, U-22, U-39). */
import { MoreOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Dropdown, Flex, Form, Input, Select, Tooltip, Tree, type TreeDataNode } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { Failed } from '../../wrappers/states';
import { useRefused } from '../../wrappers/useRefused';
import { type Department, useDepartments } from './useDepartments';

/** How many orders the question before a deletion names. */
const SHOWN = 10;

export interface DepartmentsProps {
  chosen: string | null;
  onChoose: (departmentId: string | null) => void;
}

export function Departments({ chosen, onChoose }: DepartmentsProps) {
  const { t } = useTranslation('settings');
  const { modal, message } = App.useApp();
  const refused = useRefused();
  const tree = useDepartments(true);
  const [editing, setEditing] = useState<{ department?: Department }>();
  const items = tree.data?.items ?? [];
  const missing = items.filter((one) => one.people > 0 && !one.has_account_manager);
  const remove = async (department: Department) => {
    // What stands in the way is said before anything is asked.
    const below = items.filter((one) => one.parent_id === department.department_id).length;
    if (department.people > 0 || below > 0) {
      void modal.warning({
        title: t('departments.notEmpty', { name: department.name }),
        content: t(department.people > 0 ? 'departments.hasPeople' : 'departments.hasBelow', {
          count: department.people || below,
        }),
      });
      return;
    }
    const waits = await waiting(department.department_id);
    void modal.confirm({
      title: t('departments.removeAsk', { name: department.name }),
      content: waits && t('departments.removeWaits', waits),
      okText: t('departments.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.DELETE('/api/v1/departments/{department_id}', {
            params: { path: { department_id: department.department_id } },
          });
          if (chosen === department.department_id) {
            onChoose(null);
          }
          await queries.invalidateQueries();
          void message.success(t('departments.removed'));
        } catch (error) {
          refused(error);
        }
      },
    });
  };
  const node = (department: Department): TreeDataNode => ({
    key: department.department_id,
    title: (
      <span className="department">
        <span>{department.name}</span>
        <span className="secondary">{t('departments.people', { count: department.people })}</span>
        <Dropdown
          trigger={['click']}
          menu={{
            // Else the tree would take it for a click on the department: chosen before, it would be no longer.
            onClick: ({ domEvent }) => domEvent.stopPropagation(),
            items: [
              { key: 'edit', label: t('departments.edit'), onClick: () => setEditing({ department }) },
              { key: 'remove', label: t('departments.remove'), danger: true, onClick: () => void remove(department) },
            ],
          }}
        >
          <Button
            type="text"
            size="small"
            icon={<MoreOutlined />}
            aria-label={t('departments.actions', { name: department.name })}
            onClick={(event) => event.stopPropagation()}
          />
        </Dropdown>
      </span>
    ),
    children: items.filter((one) => one.parent_id === department.department_id).map(node),
  });
  if (tree.error) {
    return <Failed error={tree.error} retry={() => void tree.refetch()} />;
  }
  return (
    <aside className="card departments" aria-labelledby="departments-title">
      <Flex justify="space-between" align="center">
        <h2 id="departments-title">{t('users.structure')}</h2>
        <Tooltip title={t('departments.add')}>
          <Button
            type="text"
            icon={<PlusOutlined />}
            aria-label={t('departments.add')}
            onClick={() => setEditing({})}
          />
        </Tooltip>
      </Flex>
      {tree.data && (
        <Tree
          key={items.length === 0 ? 'empty' : 'filled'} // the first department must be seen, too
          blockNode
          defaultExpandAll
          aria-label={t('users.structure')}
          selectedKeys={[chosen ?? 'all']}
          onSelect={(keys) => onChoose(keys[0] === undefined || keys[0] === 'all' ? null : String(keys[0]))}
          treeData={[
            {
              key: 'all',
              title: <strong>{tree.data.name}</strong>,
              children: items.filter((one) => one.parent_id === null).map(node),
            },
          ]}
        />
      )}
      {missing.length > 0 && (
        <Alert
          type="warning"
          className="departments-missing"
          title={t('departments.missing', { names: missing.map(({ name }) => name).join('、') })}
        />
      )}
      {editing && (
        <DepartmentForm
          {...(editing.department ? { department: editing.department } : {})}
          all={items}
          root={tree.data?.name ?? ''}
          parentId={chosen}
          onClose={() => setEditing(undefined)}
        />
      )}
    </aside>
  );
}

/** The orders that wait for people of a department; nothing if there are none, or if nobody knows now. */
async function waiting(departmentId: string): Promise<{ count: number; orders: string } | undefined> {
  try {
    const query = { entrance: 'provider', department_id: departmentId, limit: SHOWN } as const;
    const { items, total } = await answer(api.GET('/api/v1/queue', { params: { query } }));
    const orders = items.map((row) => row.order_number).join('、') + (total > SHOWN ? '…' : '');
    return total > 0 ? { count: total, orders } : undefined;
  } catch {
    return undefined;
  }
}

function DepartmentForm(props: {
  department?: Department;
  all: readonly Department[];
  root: string;
  parentId: string | null;
  onClose: () => void;
}) {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const { department, all, root } = props;
  const save = async ({ name, parent_id }: { name: string; parent_id: string }) => {
    const body = { name: name.trim(), parent_id: parent_id === 'root' ? null : parent_id };
    if (department) {
      const params = { path: { department_id: department.department_id } };
      await api.PUT('/api/v1/departments/{department_id}', { params, body });
    } else {
      await api.POST('/api/v1/departments', { body });
    }
    await queries.invalidateQueries();
    void message.success(t('departments.saved'));
  };
  return (
    <FormDialog<{ name: string; parent_id: string }>
      title={t(department ? 'departments.edit' : 'departments.add')}
      subject={department?.name}
      draft={['department', department?.department_id ?? 'new']}
      at={{ 'department-loop': 'parent_id' }}
      onClose={props.onClose}
      onSubmit={save}
      initial={{
        name: department?.name ?? '',
        parent_id: (department ? department.parent_id : props.parentId) ?? 'root',
      }}
    >
      <Form.Item
        name="name"
        label={t('departments.name')}
        rules={[{ required: true, whitespace: true, message: t('departments.namePlaceholder') }]}
      >
        <Input placeholder={t('departments.namePlaceholder')} maxLength={64} />
      </Form.Item>
      <Form.Item name="parent_id" label={t('departments.parent')}>
        <Select
          options={[
            { value: 'root', label: root },
            ...all
              .filter((one) => one.department_id !== department?.department_id)
              .map((one) => ({ value: one.department_id, label: one.name })),
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}
