/**
 * A list as every screen shows it: title and buttons, tabs with counts, query bar, table with sorting, pages and
 * total, column settings, saved views, and what to do next where it is empty. See web/README.md for an example.
 */
import { LeftOutlined, ReloadOutlined, RightOutlined, SettingOutlined } from '@ant-design/icons';
import { Button, Checkbox, Divider, Empty, Flex, Grid, Popover, Select, type TableProps, Tabs, Tooltip } from 'antd';
import { Fragment, type MouseEvent, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { DataTable } from './DataTable';
import { lazily } from './lazily';
import { PageTitle } from './PageTitle';
import { SIZES } from './place';
import { QueryBar, type QueryBarProps } from './QueryBar';
import { Failed } from './states';
import type { List } from './useList';

const SavedViews = lazily(async () => ({ default: (await import('./SavedViews')).SavedViews }));

export interface Column<Row> {
  key: string;
  title: string;
  render: (row: Row) => ReactNode;
  /** Name by which the API sorts; without, the column cannot be sorted. */
  sort?: string;
  /** In pixels at least, see `DataTable`. */
  width?: number;
  lines?: number;
  /** Stays in sight when the table is scrolled sideways, and cannot be switched off: for what is done with a row. */
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
  /** On a phone one column stands for all: what is done with a row stands beside it, or below where there is no room. */
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
        <PageTitle id="list-title">{props.title}</PageTitle>
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
  const columns: readonly Column<Row>[] = phone
    ? [{ key: 'phone', title: phone.title, lines: 0, width: 200, render: (row: Row) => <Card {...props} row={row} /> }]
    : props.columns;
  const { hidden, dense, setHidden, setDense } = useColumnChoice(props.name);
  const left = useRowLeft(list);
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
          {!phone && (
            <ColumnSettings columns={columns} hidden={hidden} onChange={setHidden} dense={dense} onDense={setDense} />
          )}
          <RefreshButton list={list} />
        </Flex>
      </div>
      {props.above}
      <DataTable<Row>
        size={dense ? 'small' : 'middle'}
        rows={list.rows}
        rowKey={props.rowKey}
        isLoading={list.isLoading || list.isPaging}
        {...(props.selection ? { selection: props.selection } : {})}
        empty={list.isLoading ? <div className="empty-space" /> : <EmptyState {...props} />}
        rowClassName={(row) => (row[props.rowKey] === left ? 'row-left' : '')}
        columns={shown.map(({ key, title, render, width, lines, fixed, sort: by }) => ({
          key: by ?? key,
          title,
          render,
          ...(width === undefined ? {} : { width }),
          ...(fixed ? { fixed, lines: 0 } : { lines: lines ?? 2 }),
          ...(by ? { sorting: { sorter: true, sortOrder: orderOf(by, sort), showSorterTooltip: false } } : {}),
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

/** A row on a phone: wherever it is touched, its first link is followed. */
function Card<Row extends object>({ phone, columns, row }: ListPageProps<Row> & { row: Row }) {
  const follow = ({ target, currentTarget }: MouseEvent<HTMLElement>) => {
    const isControl = target instanceof Element && target.closest('a, button, input, label') !== null;
    if (!isControl && !getSelection()?.toString()) {
      currentTarget.querySelector<HTMLElement>('.card-operations a')?.click();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the link inside is what keys reach
    <div className="card-row" onClick={follow}>
      {phone?.render(row)}
      <div className="card-operations">
        {columns
          .filter(({ fixed }) => fixed)
          .map(({ key, render }) => (
            <Fragment key={key}>{render(row)}</Fragment>
          ))}
      </div>
    </div>
  );
}

function orderOf(column: string, sort: string | undefined): 'ascend' | 'descend' | null {
  if (sort === column) {
    return 'ascend';
  }
  return sort === `-${column}` ? 'descend' : null;
}

/** 一共有 2 条 < 1 > (G-31), and how many rows a page has. */
function Pager<Row>({ list }: { list: List<Row> }) {
  const { t } = useTranslation();
  return (
    <Flex align="center" gap="small" component="nav" wrap aria-label={t('list.page', { page: list.number })}>
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
      {(list.total ?? 0) > SIZES[0] && (
        <Select<number>
          size="small"
          value={list.size}
          aria-label={t('list.size')}
          options={SIZES.map((size) => ({ value: size, label: t('list.perPage', { count: size }) }))}
          onChange={list.resize}
        />
      )}
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
  dense: boolean;
  onDense: (dense: boolean) => void;
}) {
  const { t } = useTranslation();
  const choosable = props.columns.filter((column) => !column.fixed);
  const without = (key: string) => props.hidden.filter((one) => one !== key);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Flex vertical gap={4}>
          {choosable.map(({ key, title }) => (
            <Checkbox
              key={key}
              checked={!props.hidden.includes(key)}
              onChange={(event) => props.onChange(event.target.checked ? without(key) : [...props.hidden, key])}
            >
              {title}
            </Checkbox>
          ))}
          <Divider size="small" />
          <Checkbox checked={props.dense} onChange={(event) => props.onDense(event.target.checked)}>
            {t('list.dense')}
          </Checkbox>
        </Flex>
      }
    >
      <Button icon={<SettingOutlined />} aria-label={t('list.columns')} title={t('list.columns')} />
    </Popover>
  );
}

/** Columns switched off and the height of rows, in this browser. */
function useColumnChoice(name: string) {
  const [hidden, setHidden] = useKept<string[]>(`delivery.columns.${name}`, []);
  const [dense, setDense] = useKept('delivery.dense', false);
  return { hidden, dense, setHidden, setDense };
}

function useKept<Value>(key: string, preset: Value) {
  const [value, set] = useState<Value>(() => JSON.parse(localStorage.getItem(key) ?? JSON.stringify(preset)) as Value);
  const keep = (next: Value) => {
    localStorage.setItem(key, JSON.stringify(next));
    set(next);
  };
  return [value, keep] as const;
}

/** Where 返回 came from: its row is marked, and its link has the focus once the rows are there. */
function useRowLeft<Row>(list: List<Row>): string | undefined {
  const state: unknown = useLocation().state;
  const left = typeof state === 'object' && state !== null && 'left' in state ? String(state.left) : undefined;
  const isThere = list.rows.length > 0;
  useEffect(() => {
    if (left !== undefined && isThere) {
      document.querySelector<HTMLElement>('.row-left a, .row-left button')?.focus();
    }
  }, [left, isThere]);
  return left;
}
