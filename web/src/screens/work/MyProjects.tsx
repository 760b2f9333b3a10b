/** 我的项目: what waits for me and what I have handled, with my receive status (R-128 … R-133, D-61, D-62). */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { minuteText, parts } from '../../app/times';
import { useValues } from '../../app/useValues';
import { holds, useMe } from '../../session/session';
import { Lines } from '../../wrappers/Clamped';
import { type Column, ListPage } from '../../wrappers/ListPage';
import type { QueryField } from '../../wrappers/QueryBar';
import { oneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';
import { OverdueLegend, OverdueMark } from '../projects/OverdueMark';
import { operatorText } from '../projects/operatorText';
import { isLate } from '../projects/remaining';
import { OwnReceiving } from './Receiving';

export type Project = Schema<'ReportingProjectOut'>;

const VIEWS = ['pending', 'handled'] as const;
const SORTS = ['created_at', '-created_at', 'order_number', '-order_number', 'product_name', '-product_name'] as const;
const FILTERS = {
  view: oneOf(VIEWS, 'pending'),
  sort: oneOf(SORTS, '-created_at'),
  order_number: text,
  business_number: text,
  customer_number: text,
  product_code: text,
  product_name: text,
  edition: text,
  sales_channel: text,
  customer_name: text,
  vendor_name: text,
  operator_name: text,
  stage: text,
};

export default function MyProjects() {
  const { t } = useTranslation('work');
  const isAdmin = holds(useMe().data, 'provider_admin');
  const filters = useFilters(FILTERS);
  const list = useList(['my-projects', filters.query], (page) =>
    answer(api.GET('/api/v1/my-projects', { params: { query: { ...filters.query, ...page } } })),
  );
  const columns = useColumns();
  const view = filters.values.view;
  const narrowed = Object.keys(filters.query).some((name) => name !== 'view' && name !== 'sort');
  return (
    <ListPage<Project>
      name="my-projects"
      title={t('mine.title')}
      extra={<OwnReceiving />}
      tabs={{
        active: view,
        items: VIEWS.map((key) => ({ key, label: t(`mine.${key}`), count: key === view ? list.total : undefined })),
      }}
      onTab={(chosen) => filters.apply({ view: chosen as (typeof VIEWS)[number] })}
      query={{
        fields: useFields(isAdmin),
        values: filters.values,
        onSearch: (values) => filters.apply(values),
        onReset: () => filters.reset(['view', 'sort']),
      }}
      list={list}
      columns={columns}
      phone={{
        title: t('mine.project'),
        render: (row) => (
          <div className="card-cell">
            <strong>{row.product_name}</strong>
            <Stage row={row} />
            <span className="secondary">{`${row.order_number} / ${row.business_number}`}</span>
            <span className="secondary">{`${row.customer_name ?? '--'} · ${minuteText(row.created_at)}`}</span>
          </div>
        ),
      }}
      rowKey="project_id"
      sort={filters.values.sort}
      onSort={(chosen) => filters.apply({ sort: (chosen ?? '-created_at') as (typeof SORTS)[number] })}
      views={{ filters: filters.query, onChoose: filters.replace }}
      empty={
        view === 'pending'
          ? { title: t('mine.emptyPending'), hint: t('mine.emptyPendingHint') }
          : { title: t('mine.emptyHandled'), hint: t('mine.emptyHandledHint') }
      }
      isFiltered={narrowed}
      below={isAdmin && <OverdueLegend />}
    />
  );
}

/** An employee finds by order, customer and product number, the provider admin by all columns. */
function useFields(isAdmin: boolean): QueryField[] {
  const { t } = useTranslation('work');
  const { t: words } = useTranslation('projects');
  const values = useValues(isAdmin);
  const order: QueryField = {
    kind: 'text',
    name: 'order_number',
    label: words('filters.order_number'),
    placeholder: words('filters.orderPlaceholder'),
    first: true,
  };
  const numbers: QueryField[] = [
    { kind: 'text', name: 'customer_number', label: t('mine.customerNumber'), first: !isAdmin },
    { kind: 'text', name: 'product_code', label: t('mine.productCode'), first: !isAdmin },
  ];
  if (!isAdmin) {
    return [order, ...numbers];
  }
  const word = (
    name: 'business_number' | 'product_name' | 'customer_name' | 'vendor_name' | 'operator_name',
    first = false,
  ): QueryField => ({ kind: 'text', name, label: words(`filters.${name}`), first });
  const usual = (name: 'edition' | 'sales_channel' | 'stage', offered: readonly string[] = []): QueryField => ({
    kind: 'suggested',
    name,
    label: words(`filters.${name}`),
    values: offered,
  });
  return [
    order,
    word('product_name', true),
    word('business_number'),
    usual('edition', values?.editions),
    usual('sales_channel', values?.sales_channels),
    word('customer_name'),
    word('vendor_name'),
    word('operator_name'),
    usual('stage', values?.stages),
    ...numbers,
  ];
}

/** The columns of R-20. */
function useColumns(): Column<Project>[] {
  const { t: words } = useTranslation('projects');
  const state = useListState();
  const details: Column<Project> = {
    key: 'operation',
    title: words('columns.operation'),
    fixed: true,
    width: 88,
    render: (row) => (
      <Link to={row.project_id} state={state} aria-label={`${words('columns.details')} ${row.business_number}`}>
        {words('columns.details')}
      </Link>
    ),
  };
  return [
    {
      key: 'numbers',
      title: words('columns.numbers'),
      sort: 'order_number',
      width: 132,
      lines: 0,
      render: (row) => <Lines first={row.order_number} others={[row.business_number]} />,
    },
    {
      key: 'product',
      title: words('columns.product'),
      sort: 'created_at',
      width: 168,
      lines: 0,
      render: (row) => (
        <Lines
          first={row.product_name}
          others={[`${row.edition ?? '--'} / ${row.sales_channel || '--'}`, minuteText(row.created_at)]}
        />
      ),
    },
    { key: 'customer', title: words('columns.customer'), width: 100, render: (row) => row.customer_name ?? '--' },
    { key: 'vendor', title: words('columns.vendor'), width: 110, render: (row) => row.vendor_name ?? '--' },
    { key: 'provider', title: words('columns.provider'), width: 110, render: (row) => row.provider_name ?? '--' },
    { key: 'operator', title: words('columns.operator'), width: 110, render: operatorText },
    { key: 'stage', title: words('columns.stage'), width: 150, lines: 4, render: (row) => <Stage row={row} /> },
    details,
  ];
}

/** 项目阶段 with the overdue mark, and how much working time is left. */
export function Stage({ row }: { row: Project }) {
  const { t } = useTranslation('work');
  const limit = row.limit;
  const late = isLate(limit);
  let left: string | undefined;
  if (limit?.stands && !late) {
    left = t(limit.stands === 'paused' ? 'mine.standsPaused' : 'mine.standsDayOff');
  } else if (limit && limit.remaining_seconds !== null) {
    const time = parts(limit.remaining_seconds);
    const unit = time.days > 0 ? 'days' : time.hours > 0 ? 'hours' : 'minutes';
    left = t(late ? 'mine.late' : 'mine.remaining', { time: t(`mine.${unit}`, time) });
  }
  return (
    <span>
      {row.stage ?? '--'} {row.overdue && <OverdueMark overdue={row.overdue} />}
      {left && <span className={`stage-left ${late ? 'stat-bad' : 'secondary'}`}>{left}</span>}
    </span>
  );
}
