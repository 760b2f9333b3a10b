/** 用户管理 of the vendor and of the provider, the latter with its departments (U-01 … U-32, U-39). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex, Tag, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { minuteText } from '../../app/times';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { Departments } from './Departments';
import { FactorDemand } from './FactorDemand';
import { PasswordOnce, type PasswordOnceProps } from './PasswordOnce';
import { RowMenu } from './RowMenu';
import { type User, UserForm } from './UserForm';
import { useAccountCare } from './useAccountCare';

const FILTERS = { login_name: text, name: text, department_id: text };

export default function Users() {
  const { t } = useTranslation('settings');
  const side = useEntrance() === 'provider' ? 'provider' : 'vendor';
  const filters = useFilters(FILTERS);
  const query = { side, ...filters.query } as const;
  const list = useList(['users', query], (page) =>
    answer(api.GET('/api/v1/users', { params: { query: { ...query, ...page } } })),
  );
  const [editing, setEditing] = useState<{ user?: User }>();
  const [secret, setSecret] = useState<Omit<PasswordOnceProps, 'onClose'>>();
  const actions = useUserActions(setSecret);
  const departmentOf = (user: User) =>
    user.below ? (
      <>
        {user.department_name} <Tag>{t('users.below')}</Tag>
      </>
    ) : (
      (user.department_name ?? '--')
    );
  const columns: Column<User>[] = [
    { key: 'login_name', title: t('users.account'), width: 110, render: (user) => user.local_name },
    { key: 'name', title: t('users.name'), width: 84, render: (user) => user.name },
    ...(side === 'provider'
      ? [{ key: 'department', title: t('users.department'), width: 94, render: departmentOf }]
      : []),
    {
      key: 'roles',
      title: t('users.roles'),
      width: 100,
      render: (user) => user.roles.map(({ name }) => name).join('，'),
    },
    { key: 'created_at', title: t('users.createdAt'), width: 92, render: (user) => minuteText(user.created_at) },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: 218,
      render: (user) => (
        <Flex gap={12} align="center">
          <RowButton label={t('users.edit')} name={user.name} onClick={() => setEditing({ user })} />
          <RowButton
            label={t('users.reset')}
            shown={t('users.resetShort')}
            name={user.name}
            onClick={() => actions.reset(user)}
          />
          <RowButton label={t('users.remove')} name={user.name} danger onClick={() => actions.remove(user)} />
          <RowMenu name={user.name} items={actions.more(user)} />
          {user.deletion_refused_at && (
            <Tooltip title={user.deletion_refused_orders?.map((one) => one.order_number).join('、')}>
              <span className="secondary">{t('users.refused')}</span>
            </Tooltip>
          )}
        </Flex>
      ),
    },
  ];
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing({})}>
      {t('users.create')}
    </Button>
  );
  const page = (
    <ListPage<User>
      name={`users-${side}`}
      title={t('users.title')}
      extra={
        <>
          <FactorDemand />
          {create}
        </>
      }
      query={{
        fields: [
          { kind: 'text', name: 'login_name', label: t('users.account'), first: true },
          { kind: 'text', name: 'name', label: t('users.userName'), first: true },
        ],
        values: filters.values,
        onSearch: filters.apply,
        onReset: () => filters.reset(),
      }}
      list={list}
      columns={columns}
      rowKey="user_id"
      empty={{ title: t('users.emptyTitle'), hint: t('users.emptyHint'), action: create }}
      isFiltered={Object.keys(filters.query).length > 0}
    />
  );
  return (
    <>
      {side === 'provider' ? (
        <div className="with-aside">
          <Departments
            chosen={filters.values.department_id}
            onChoose={(department_id) => filters.apply({ department_id })}
          />
          {page}
        </div>
      ) : (
        page
      )}
      {editing && (
        <UserForm
          side={side}
          {...(editing.user ? { user: editing.user } : {})}
          departmentId={filters.values.department_id ?? undefined}
          onCreated={(created) =>
            setSecret({ kind: 'created', loginName: created.login_name, password: created.initial_password })
          }
          onClose={() => setEditing(undefined)}
        />
      )}
      {secret && <PasswordOnce {...secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

/** What is done with a user, each after a question. */
function useUserActions(show: (secret: Omit<PasswordOnceProps, 'onClose'>) => void) {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const care = useAccountCare(show);
  const remove = (user: User) =>
    care.asked(t('users.removeAsk', { name: user.name }), t('users.remove'), async () => {
      const params = { path: { user_id: user.user_id } };
      const { response } = await api.DELETE('/api/v1/users/{user_id}', { params });
      await queries.invalidateQueries();
      void message.success(t(response.status === 202 ? 'users.removing' : 'users.removed'));
    });
  const more = (user: User) => [
    { key: 'sessions', label: t('users.endSessions'), onClick: () => care.endSessions(user) },
    ...(user.second_factor
      ? [{ key: 'factor', label: t('users.takeFactor'), onClick: () => care.takeFactor(user) }]
      : []),
  ];
  return { remove, reset: care.reset, more };
}

/** `shown`: what is seen of the label where a row has no room for all of it. */
function RowButton(props: { label: string; shown?: string; name: string; danger?: boolean; onClick: () => void }) {
  return (
    <Button
      type="link"
      size="small"
      className="row-button"
      danger={props.danger ?? false}
      aria-label={`${props.label} ${props.name}`}
      onClick={props.onClick}
    >
      {props.shown ?? props.label}
    </Button>
  );
}
