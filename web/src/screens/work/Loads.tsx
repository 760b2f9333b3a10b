/** 持单量设置: who takes how many orders, and whether he takes any now (D-55 … D-68, U). */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Flex, Progress, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { language } from '../../i18n';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { LoadDialog } from './LoadDialog';
import { PersonDrawer } from './PersonDrawer';
import { nameOf, type Person } from './person';
import { ReceivingText } from './Receiving';
import { useProviderRoles } from './useProviderRoles';
import { useRefreshed } from './useRefreshed';

const FILTERS = { name: text, role: text, receiving: maybeOneOf(['true', 'false'] as const) };

export default function Loads() {
  const { t } = useTranslation('work');
  const filters = useFilters(FILTERS);
  const { receiving, ...words } = filters.query;
  const query = { ...words, ...(receiving ? { receiving: receiving === 'true' } : {}) };
  const list = useList(['staff-loads', query], (page) =>
    answer(api.GET('/api/v1/staff-loads', { params: { query: { ...query, ...page } } })),
  );
  useRefreshed('staff-loads');
  const roles = useProviderRoles();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [setting, setSetting] = useState<readonly Person[]>();
  const [shown, setShown] = useState<Person>();
  const columns = useColumns(setSetting, setShown);
  const rows = list.rows.filter((row) => chosen.includes(row.person_id));
  return (
    <>
      <ListPage<Person>
        name="loads"
        title={t('loads.title')}
        hint={<p className="page-hint">{t('loads.hint')}</p>}
        extra={
          <Button disabled={rows.length === 0} onClick={() => setSetting(rows)}>
            {rows.length === 0 ? t('loads.batch') : t('loads.batchCount', { count: rows.length })}
          </Button>
        }
        query={{
          fields: [
            { kind: 'text', name: 'name', label: t('loads.name'), first: true },
            { kind: 'choice', name: 'role', label: t('loads.role'), options: roles, first: true },
            {
              kind: 'choice',
              name: 'receiving',
              label: t('receiving.label'),
              options: [
                { value: 'true', label: t('receiving.on') },
                { value: 'false', label: t('receiving.off') },
              ],
              first: true,
            },
          ],
          values: filters.values,
          onSearch: (values) => filters.apply(values as Parameters<typeof filters.apply>[0]),
          onReset: () => filters.reset(),
        }}
        list={list}
        columns={columns}
        rowKey="person_id"
        selection={{
          selectedRowKeys: rows.map((row) => row.person_id),
          onChange: (keys) => setChosen(keys.map(String)),
          getCheckboxProps: (row) => ({ 'aria-label': t('loads.choose', { name: nameOf(row) }) }),
          getTitleCheckboxProps: () => ({ 'aria-label': t('loads.chooseAll') }),
        }}
        empty={{ title: t('loads.empty'), hint: t('loads.emptyHint') }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      {setting && <LoadDialog people={setting} onSaved={() => setChosen([])} onClose={() => setSetting(undefined)} />}
      {shown && <PersonDrawer person={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

/** The columns of D-57; the switch is 设置 of 接单状态 alone. */
function useColumns(onSet: (people: readonly Person[]) => void, onShow: (person: Person) => void): Column<Person>[] {
  const { t } = useTranslation('work');
  return [
    {
      key: 'name',
      lines: 3,
      title: t('loads.name'),
      render: (row) => (
        <>
          <Button
            type="link"
            size="small"
            className="row-button"
            aria-label={t('loads.detailsOf', { name: nameOf(row) })}
            onClick={() => onShow(row)}
          >
            {nameOf(row)}
          </Button>
          {row.department_name && <div className="secondary">{row.department_name}</div>}
        </>
      ),
    },
    { key: 'role', title: t('loads.role'), render: (row) => row.role_names.join('、') },
    {
      key: 'receiving',
      title: t('receiving.label'),
      width: 150,
      lines: 0,
      render: (row) => <ReceivingSwitch person={row} />,
    },
    { key: 'load', title: t('loads.load'), width: 210, lines: 0, render: (row) => <Load person={row} /> },
    { key: 'maximum', title: t('loads.maximum'), render: (row) => row.maximum },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: 88,
      render: (row) => (
        <Button
          type="link"
          size="small"
          className="row-button"
          aria-label={t('loads.setOne', { name: nameOf(row) })}
          onClick={() => onSet([row])}
        >
          {t('loads.set')}
        </Button>
      ),
    },
  ];
}

/** Orders held, with how much of the maximum they are. */
function Load({ person }: { person: Person }) {
  const { t } = useTranslation('work');
  const isFull = person.load >= person.maximum;
  return (
    <Flex align="center" gap="small" className="load">
      <span className="load-count">{person.load}</span>
      <Progress
        percent={isFull ? 100 : Math.round((person.load / person.maximum) * 100)}
        showInfo={false}
        size="small"
        status={isFull ? 'exception' : 'normal'}
        aria-label={`${person.load}/${person.maximum}`}
      />
      <span className="load-full dot-warning">{isFull && t('loads.full')}</span>
    </Flex>
  );
}

function ReceivingSwitch({ person }: { person: Person }) {
  const { t } = useTranslation('work');
  const { message } = App.useApp();
  const change = useMutation({
    mutationFn: (receiving: boolean) =>
      answer(api.POST('/api/v1/staff-loads/batch', { body: { person_ids: [person.person_id], receiving } })),
    onSuccess: () => void message.success(t('loads.saved')),
    onError: (error) => void message.error(messageOf(error, language())),
  });
  const on = change.isPending ? change.variables : person.receiving;
  return (
    <Flex align="center" gap="small">
      <ReceivingText on={on} />
      <Switch
        size="small"
        checked={on}
        loading={change.isPending}
        aria-label={t('receiving.switch', { name: nameOf(person) })}
        onChange={(wanted) => change.mutate(wanted)}
      />
    </Flex>
  );
}
