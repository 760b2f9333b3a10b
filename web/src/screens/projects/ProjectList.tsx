/** 项目管理 of the vendor, the provider and the platform operator (R-05 … R-55). */
import { CloseOutlined, DownloadOutlined, DownOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button, Dropdown, Space, type TableProps, Tag } from 'antd';
import { parseAsString, useQueryState } from 'nuqs';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, messageOf, type Schema } from '../../api';
import { download } from '../../api/download';
import { useEntrance } from '../../app/entrance';
import { today } from '../../app/times';
import { useValues } from '../../app/useValues';
import { language } from '../../i18n';
import { useSaid } from '../../i18n/said';
import { holds, useMe } from '../../session/session';
import { ListPage } from '../../wrappers/ListPage';
import { lazily } from '../../wrappers/lazily';
import type { QueryField } from '../../wrappers/QueryBar';
import { Waiting } from '../../wrappers/states';
import { useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';
import type { BulkAction } from './Bulk';
import { drillText } from './drillText';
import { OverdueLegend } from './OverdueMark';
import { ProjectCard, useColumns } from './projectColumns';
import { apiQuery, DRILLS, FILTERS, QUEUE_REASONS, TABS } from './projectFilters';
import { useProviders } from './useProviders';

const Bulk = lazily(() => import('./Bulk'));
const ProjectPane = lazily(async () => ({ default: (await import('./ProjectView')).ProjectPane }));

type Project = Schema<'ReportingProjectOut'>;

export default function ProjectList() {
  const { t } = useTranslation('projects');
  const key = useEntrance();
  const entrance = key === 'vendor' || key === 'provider' ? { entrance: key } : {};
  const filters = useFilters(FILTERS);
  const query = { ...entrance, ...apiQuery(filters.query) };
  const { tab, sort, overdue, ...counted } = query;
  const list = useList(['project-list', query], (page) =>
    answer(api.GET('/api/v1/project-list', { params: { query: { ...query, ...page } } })),
  );
  const counts = useQuery({
    queryKey: ['project-counts', counted],
    queryFn: () => answer(api.GET('/api/v1/project-counts', { params: { query: counted } })),
    placeholderData: (before) => before,
  });
  const [open, setOpen] = useQueryState('open', parseAsString);
  const show = (projectId: string | null) => void setOpen(projectId);
  const columns = useColumns(open, show);
  const bulk = useBulk(list.rows);
  const drills = DRILLS.filter((name) => filters.values[name] !== null);
  const narrowed = Object.keys(filters.query).some((name) => name !== 'tab' && name !== 'sort');
  // Counts know nothing of 超时情况: under that filter only the list itself tells how many there are.
  const countOf = (one: (typeof TABS)[number] | 'all') =>
    overdue ? (one === filters.values.tab ? list.total : undefined) : one === 'all' ? undefined : counts.data?.[one];
  const tabs = filters.values.tab === 'all' ? [...TABS, 'all' as const] : TABS;
  return (
    <div className={open ? 'split' : undefined}>
      <ListPage<Project>
        name={`projects-${key}`}
        title={t('list.title')}
        extra={<ExportButton query={query} />}
        tabs={{
          active: filters.values.tab,
          items: tabs.map((one) => ({
            key: one,
            label: t(`list.tabs.${one}`),
            count: countOf(one),
          })),
        }}
        onTab={(chosen) => filters.apply({ tab: chosen as (typeof TABS)[number] })}
        query={{
          fields: useFields(),
          values: filters.values,
          onSearch: (values) => filters.apply(values),
          onReset: () => filters.reset(['tab', 'sort']),
        }}
        above={
          <>
            {drills.length > 0 && key !== 'operator' && (
              <Link to={`/${key}/dashboard`} className="drill">
                {t('list.toBoard')}
              </Link>
            )}
            {drills.length > 0 && (
              <Tag
                closable={{ 'aria-label': t('list.clearDrill') }}
                color="blue"
                className="drill"
                onClose={() => filters.apply(Object.fromEntries(drills.map((name) => [name, null])))}
              >
                {drillText(filters.values, t)}
              </Tag>
            )}
            {bulk.bar}
          </>
        }
        selection={bulk.selection}
        list={list}
        columns={columns.shown}
        phone={{ title: t('list.title'), render: (row) => <ProjectCard row={row} /> }}
        rowKey="project_id"
        sort={filters.values.sort}
        onSort={(chosen) => filters.apply({ sort: (chosen ?? '-created_at') as typeof filters.values.sort })}
        views={{ filters: filters.query, onChoose: filters.replace }}
        empty={{
          title: t('list.emptyTitle'),
          hint: filters.values.tab === 'running' ? t('list.emptyRunning') : undefined,
        }}
        isFiltered={narrowed}
        below={<OverdueLegend />}
      />
      {open && (
        <aside className="card pane" aria-label={t('details.title')}>
          <Suspense fallback={<Waiting />}>
            <ProjectPane
              key={open}
              projectId={open}
              extra={<PaneButtons projectId={open} onClose={() => show(null)} />}
            />
          </Suspense>
        </aside>
      )}
      <Suspense>
        {columns.dialog}
        {bulk.dialog}
      </Suspense>
    </div>
  );
}

/** What the list can be filtered by: its columns. */
function useFields(): QueryField[] {
  const { t } = useTranslation('projects');
  const entrance = useEntrance();
  const said = useSaid();
  const { providers } = useProviders();
  const values = useValues();
  const word = (name: 'business_number' | 'product_name' | 'customer_name' | 'operator_name'): QueryField => ({
    kind: 'text',
    name,
    label: t(`filters.${name}`),
  });
  const usual = (name: 'edition' | 'sku' | 'sales_channel' | 'stage', offered: readonly string[] = []): QueryField => ({
    kind: 'suggested',
    name,
    label: t(`filters.${name}`),
    values: offered,
  });
  return [
    {
      kind: 'text',
      name: 'order_number',
      label: t('filters.order_number'),
      placeholder: t('filters.orderPlaceholder'),
      first: true,
    },
    entrance === 'provider'
      ? { kind: 'text', name: 'vendor_name', label: t('filters.vendor_name'), first: true }
      : {
          kind: 'choice',
          name: 'provider_id',
          label: t('filters.provider'),
          placeholder: t('filters.allProviders'),
          options: providers,
          first: true,
        },
    word('business_number'),
    word('product_name'),
    usual('edition', values?.editions),
    usual('sku', values?.skus),
    usual('sales_channel', values?.sales_channels),
    ...(values?.parameters.length
      ? [
          {
            kind: 'text' as const,
            name: 'parameter',
            label: t('filters.parameter'),
            placeholder: values.parameters.map(({ label }) => label).join(t('filters.comma')),
          },
        ]
      : []),
    word('customer_name'),
    word('operator_name'),
    {
      kind: 'choice',
      name: 'role',
      label: t('filters.role'),
      options: (values?.roles ?? []).map(({ role, name }) => ({ value: role, label: said(name) })),
    },
    usual('stage', values?.stages),
    { kind: 'day', name: 'from_day', label: t('filters.from_day') },
    { kind: 'day', name: 'to_day', label: t('filters.to_day') },
    {
      kind: 'choice',
      name: 'overdue',
      label: t('filters.overdue'),
      options: [
        { value: 'any', label: t('filters.overdueAny') },
        { value: 'server', label: t('overdue.server') },
        { value: 'customer', label: t('overdue.customer') },
      ],
    },
    {
      kind: 'choice',
      name: 'queue_reason',
      label: t('filters.queue_reason'),
      options: QUEUE_REASONS.map((value) => ({ value, label: t(`filters.queue.${value}`) })),
    },
    {
      kind: 'choice',
      name: 'unpaid',
      label: t('filters.unpaid'),
      options: [
        { value: 'false', label: t('filters.paid') },
        { value: 'true', label: t('filters.trialOrTest') },
      ],
    },
    {
      kind: 'choice',
      name: 'hold',
      label: t('filters.hold'),
      options: [
        { value: 'any', label: t('filters.holdAny') },
        { value: 'frozen', label: t('order.frozen') },
        { value: 'expired', label: t('order.expired') },
      ],
    },
  ];
}

/** Ticks beside the rows, and what can be done with the projects ticked, by the role of the caller. */
function useBulk(shown: readonly Project[]) {
  const { t } = useTranslation('projects');
  const entrance = useEntrance();
  const me = useMe().data;
  const [rows, setRows] = useState<readonly Project[]>([]);
  const [action, setAction] = useState<BulkAction>();
  const managesProvider = entrance === 'provider' && holds(me, 'provider_admin');
  const actions: readonly BulkAction[] = managesProvider ? ['assignee', 'remind', 'pause', 'resume'] : ['remind'];
  const bar = rows.length > 0 && (
    <div className="bulk" role="toolbar" aria-label={t('bulk.chosen', { count: rows.length })}>
      <span aria-live="polite">{t('bulk.chosen', { count: rows.length })}</span>
      {actions.map((one) => (
        <Button key={one} size="small" onClick={() => setAction(one)}>
          {t(`bulk.${one}`)}
        </Button>
      ))}
      <Button type="link" size="small" onClick={() => setRows(withAll(rows, shown.filter(canBeChosen)))}>
        {t('bulk.all')}
      </Button>
      <Button type="link" size="small" onClick={() => setRows([])}>
        {t('bulk.clear')}
      </Button>
    </div>
  );
  const selection: TableProps<Project>['rowSelection'] = {
    selectedRowKeys: rows.map((row) => row.project_id),
    preserveSelectedRowKeys: true,
    // Not a box that ticks all: antd repeats it in a hidden row, where the keyboard would find it.
    columnTitle: t('bulk.pick'),
    onChange: (_keys, chosen) => setRows(chosen),
    getCheckboxProps: (row) => ({
      disabled: !canBeChosen(row),
      'aria-label': t('bulk.select', { number: row.business_number }),
    }),
  };
  const close = () => {
    setAction(undefined);
    setRows([]);
  };
  const dialog = action && <Bulk action={action} rows={rows} onClose={close} />;
  return { bar, selection, dialog };
}

function canBeChosen({ state }: Project): boolean {
  return state === 'running' || state === 'paused';
}

/** What is chosen and all of these, each once. */
function withAll(chosen: readonly Project[], all: readonly Project[]): readonly Project[] {
  const known = new Set(chosen.map(({ project_id }) => project_id));
  return [...chosen, ...all.filter(({ project_id }) => !known.has(project_id))];
}

function PaneButtons({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const { t } = useTranslation('projects');
  const state = useListState();
  return (
    <span className="row-operations">
      <Link to={projectId} state={state}>
        {t('split.full')}
      </Link>
      <Button type="text" icon={<CloseOutlined />} aria-label={t('split.close')} onClick={onClose} />
    </span>
  );
}

/** 列表导出: all rows of the tab that meet the filters, as a spreadsheet or as CSV. */
function ExportButton({ query }: { query: Record<string, string | boolean | undefined> }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const [loaded, setLoaded] = useState<number>();
  const run = async (format: 'xlsx' | 'csv') => {
    setLoaded(0);
    try {
      const given = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      const path = `/api/v1/project-list/export?${new URLSearchParams([...given, ['format', format]])}`;
      const tab = t(
        `list.tabs.${(TABS.find((one) => one === query['tab']) ?? 'all') as (typeof TABS)[number] | 'all'}`,
      );
      const named = `${t('list.title')}-${tab}-${today()}.${format}`;
      const name = await download(path, named, setLoaded, true);
      void message.success(t('list.exported', { name }));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      setLoaded(undefined);
    }
  };
  return (
    <Space.Compact>
      <Button icon={<DownloadOutlined />} loading={loaded !== undefined} onClick={() => void run('xlsx')}>
        {loaded === undefined ? t('list.export') : t('list.exporting', { size: `${Math.ceil(loaded / 1024)} KB` })}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          items: (['xlsx', 'csv'] as const).map((format) => ({
            key: format,
            label: t(`list.formats.${format}`),
            onClick: () => void run(format),
          })),
        }}
      >
        <Button icon={<DownOutlined />} disabled={loaded !== undefined} aria-label={t('list.format')} />
      </Dropdown>
    </Space.Compact>
  );
}
