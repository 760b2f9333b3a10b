/**
 * A list as every screen shows it: title and buttons, tabs with counts, query bar, table with sorting, pages and
 * total, column settings, saved views, and what to do next where it is empty. See web/README.md for an example.
 */
import { LeftOutlined, ReloadOutlined, RightOutlined, SettingOutlined } from '@ant-design/icons';
import { Button, Checkbox, Empty, Flex, Grid, Popover, Table, type TableProps, Tabs, Tooltip } from 'antd';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryBar, type QueryBarProps } from './QueryBar';
import { Failed } from './states';
import type { List } from './useList';

const SavedViews = lazy(async () => ({ default: (await import('./SavedViews')).SavedViews }));

export interface Column<Row> {
  key: string;
  title: string;
  render: (row: Row) => ReactNode;
  /** Name by which the API sorts; without, the column cannot be sorted. */
  sort?: string;
  width?: number;
  /** Stays in sight when the table is scrolled sideways, and cannot be switched off. */
  fixed?: boolean;
}

export interface ListPageProps<Row extends object> {
  /** Code of the list: column settings and saved views are kept under it. */
  name: string;
  title: string;
  hint?: ReactNode;
  /** Buttons at the top right. */
  extra?: ReactNode;
  tabs?: { items: readonly { key: string; label: string; count?: number | undefined }[]; active: string };
  onTab?: (key: string) => void;
  query?: QueryBarProps;
  /** Between query bar and table, for example filters that came from elsewhere. */
  above?: ReactNode;
  list: List<Row>;
  columns: readonly Column<Row>[];
  /** On a phone one column stands for all that are not fixed. */
  phone?: { title: string; render: (row: Row) => ReactNode };
  rowKey: keyof Row & string;
  /** The sorting chosen, as the API names it (`-created_at`: newest first). */
  sort?: string;
  onSort?: (sort: string | null) => void;
  /** Ticks beside the rows. */
  selection?: TableProps<Row>['rowSelection'];
  /** Filters a view is saved with; without, the list has no saved views. */
  views?: { filters: Record<string, unknown>; onChoose: (filters: Record<string, unknown>) => void };
  /** What to say and offer where there are no rows at all. */
  empty: { title: string; hint?: ReactNode; action?: ReactNode };
  /** Whether filters narrow the list: then an empty one advises to change them. */
  isFiltered?: boolean;
  /** Below the table, for example a legend. */
  below?: ReactNode;
}

export function ListPage<Row extends object>(props: ListPageProps<Row>) {
  const body = <ListBody {...props} />;
  return (
    <section className="list-page" aria-labelledby="list-title">
      <Flex justify="space-between" align="center" wrap gap="small" className="page-head">
        <h1 id="list-title">{props.title}</h1>
        <Flex gap="small" wrap>
          {props.extra}
        </Flex>
      </Flex>
      {props.hint}
      <div className="card">
        {props.tabs ? (
          <Tabs
            activeKey={props.tabs.active}
            onChange={props.onTab}
            items={props.tabs.items.map((tab) => ({
              key: tab.key,
              label: (
                <>
                  {tab.label}
                  {tab.count !== undefined && <span className="tab-count">{tab.count}</span>}
                </>
              ),
              children: tab.key === props.tabs?.active ? body : null,
            }))}
          />
        ) : (
          body
        )}
      </div>
    </section>
  );
}

function ListBody<Row extends object>(props: ListPageProps<Row>) {
  const { list, sort, onSort } = props;
  const isWide = Grid.useBreakpoint().md ?? true;
  const phone = isWide ? undefined : props.phone;
  const columns = phone
    ? [{ key: 'phone', ...phone }, ...props.columns.filter((column) => column.fixed)]
    : props.columns;
  const { hidden, setHidden } = useHiddenColumns(props.name);
  const shown = columns.filter((column) => column.fixed || !hidden.includes(column.key));
  if (list.error) {
    return (
      <>
        {props.query && <QueryBar {...props.query} />}
        <Failed error={list.error} retry={list.reload} />
      </>
    );
  }
  return (
    <>
      <div className="list-tools">
        <div className="list-query">{props.query && <QueryBar {...props.query} />}</div>
        <Flex gap="small">
          <Suspense>{props.views && <SavedViews page={props.name} {...props.views} />}</Suspense>
          {!phone && <ColumnSettings columns={columns} hidden={hidden} onChange={setHidden} />}
          <RefreshButton list={list} />
        </Flex>
      </div>
      {props.above}
      <Table<Row>
        rowKey={props.rowKey}
        size="middle"
        dataSource={list.rows}
        loading={list.isLoading}
        pagination={false}
        scroll={{ x: 'max-content' }}
        {...(props.selection ? { rowSelection: props.selection } : {})}
        locale={{ emptyText: list.isLoading ? <div className="empty-space" /> : <EmptyState {...props} /> }}
        columns={shown.map((column) => ({
          key: column.sort ?? column.key,
          title: <span className="column-title">{column.title}</span>,
          render: (_: unknown, row: Row) => column.render(row),
          ...(column.width === undefined ? {} : { width: column.width }),
          ...(column.sort ? { sorter: true, sortOrder: orderOf(column.sort, sort), showSorterTooltip: false } : {}),
          ...(column.fixed ? { fixed: 'end' as const } : {}),
        }))}
        onChange={(_pages, _filters, sorter) => {
          const chosen = Array.isArray(sorter) ? sorter[0] : sorter;
          onSort?.(chosen?.order ? `${chosen.order === 'descend' ? '-' : ''}${String(chosen.columnKey)}` : null);
        }}
      />
      <Flex justify="space-between" align="center" wrap gap="small" className="list-foot">
        <div>{props.below}</div>
        <Pager list={list} />
      </Flex>
    </>
  );
}

function orderOf(column: string, sort: string | undefined): 'ascend' | 'descend' | null {
  if (sort === column) {
    return 'ascend';
  }
  return sort === `-${column}` ? 'descend' : null;
}

/** 一共有 2 条 < 1 > (G-31) */
function Pager<Row>({ list }: { list: List<Row> }) {
  const { t } = useTranslation();
  return (
    <Flex align="center" gap="small" component="nav" aria-label={t('list.page', { page: list.number })}>
      <span aria-live="polite">{list.total !== undefined && t('list.total', { count: list.total })}</span>
      <Button
        icon={<LeftOutlined />}
        size="small"
        aria-label={t('list.previous')}
        disabled={!list.previous}
        onClick={list.previous}
      />
      <span aria-current="page">{list.number}</span>
      <Button
        icon={<RightOutlined />}
        size="small"
        aria-label={t('list.next')}
        disabled={!list.next}
        onClick={list.next}
      />
    </Flex>
  );
}

function EmptyState<Row extends object>({ empty, isFiltered, query }: ListPageProps<Row>) {
  const { t } = useTranslation();
  if (isFiltered && query) {
    return (
      <Empty
        image={Empty.PRESENTED_IMAGE_SIMPLE}
        description={
          <>
            <strong>{t('list.nothingFound')}</strong>
            <p>{t('list.changeFilters')}</p>
          </>
        }
      >
        <Button onClick={query.onReset}>{t('list.reset')}</Button>
      </Empty>
    );
  }
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <strong>{empty.title}</strong>
          {empty.hint && <p>{empty.hint}</p>}
        </>
      }
    >
      {empty.action}
    </Empty>
  );
}

function RefreshButton<Row>({ list }: { list: List<Row> }) {
  const { t } = useTranslation();
  return (
    <Tooltip title={t('list.refresh')}>
      <Button
        icon={<ReloadOutlined spin={list.isUpdating} />}
        aria-label={t('list.refresh')}
        aria-busy={list.isUpdating}
        onClick={list.reload}
      />
    </Tooltip>
  );
}

function ColumnSettings<Row>(props: {
  columns: readonly Column<Row>[];
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
}) {
  const { t } = useTranslation();
  const choosable = props.columns.filter((column) => !column.fixed);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Flex vertical gap={4}>
          {choosable.map((column) => (
            <Checkbox
              key={column.key}
              checked={!props.hidden.includes(column.key)}
              onChange={(event) =>
                props.onChange(
                  event.target.checked
                    ? props.hidden.filter((key) => key !== column.key)
                    : [...props.hidden, column.key],
                )
              }
            >
              {column.title}
            </Checkbox>
          ))}
        </Flex>
      }
    >
      <Button icon={<SettingOutlined />} aria-label={t('list.columns')} title={t('list.columns')} />
    </Popover>
  );
}

/** Columns switched off in this browser. */
function useHiddenColumns(name: string) {
  const key = `delivery.columns.${name}`;
  const [hidden, setHidden] = useState<string[]>(() => JSON.parse(localStorage.getItem(key) ?? '[]') as string[]);
  return {
    hidden,
    setHidden: (next: string[]) => {
      localStorage.setItem(key, JSON.stringify(next));
      setHidden(next);
    },
  };
}
