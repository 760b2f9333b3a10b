/**
 * The one table of the console. Columns have widths that no content can change; a cell shows two lines of it, then an
 * ellipsis, and all of it when the pointer rests on it. Where there is no room for all columns it scrolls sideways.
 */
import { Table, type TableProps, type TableRef } from 'antd';
import { type ReactNode, useEffect, useRef } from 'react';
import { Clamped } from './Clamped';

export interface DataColumn<Row> {
  key: string;
  title: ReactNode;
  render: (row: Row, index: number) => ReactNode;
  /** In pixels at least; what is left over is shared out in proportion. */
  width?: number;
  /** Lines shown of what the cell holds; 0: all of it, for controls. */
  lines?: number;
  align?: 'right';
  /** Stays in sight when the table is scrolled sideways. */
  fixed?: boolean;
  sorting?: Pick<NonNullable<TableProps['columns']>[number], 'sorter' | 'sortOrder' | 'showSorterTooltip'>;
}

export interface DataTableProps<Row extends object> {
  rows: readonly Row[];
  columns: readonly DataColumn<Row>[];
  rowKey: (keyof Row & string) | ((row: Row) => string);
  isLoading?: boolean;
  empty?: ReactNode;
  size?: 'small' | 'middle';
  selection?: TableProps<Row>['rowSelection'];
  rowClassName?: (row: Row) => string;
  onChange?: TableProps<Row>['onChange'];
  /** Scrolls downwards beyond this height, in pixels. */
  height?: number;
}

export const USUAL_WIDTH = 130;
const TICKS_WIDTH = 44;
const SCROLLED = '.ant-table-content, .ant-table-body';

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { columns, selection, height } = props;
  const width = columns.reduce((sum, column) => sum + (column.width ?? USUAL_WIDTH), selection ? TICKS_WIDTH : 0);
  const table = useRef<TableRef>(null);
  // Whoever has no mouse scrolls it with the arrow keys, once it has the focus.
  useEffect(() => {
    for (const part of table.current?.nativeElement?.querySelectorAll<HTMLElement>(SCROLLED) ?? []) {
      part.tabIndex = part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight ? 0 : -1;
    }
  });
  return (
    <Table<Row>
      ref={table}
      className="data-table"
      tableLayout="fixed"
      rowKey={props.rowKey}
      size={props.size ?? 'small'}
      dataSource={props.rows}
      loading={props.isLoading ? { delay: 200 } : false}
      pagination={false}
      scroll={{ x: width, ...(height === undefined ? {} : { y: height }) }}
      {...(selection ? { rowSelection: { columnWidth: TICKS_WIDTH, ...selection } } : {})}
      {...(props.empty === undefined
        ? {}
        : { locale: { emptyText: <span className="secondary">{props.empty}</span> } })}
      {...(props.rowClassName ? { rowClassName: props.rowClassName } : {})}
      {...(props.onChange ? { onChange: props.onChange } : {})}
      columns={columns.map(({ key, title, render, width = USUAL_WIDTH, lines = 2, align, fixed, sorting }) => ({
        key,
        title: <span className="column-title">{title}</span>,
        width,
        render: (_: unknown, row: Row, index: number) =>
          lines === 0 ? render(row, index) : <Clamped lines={lines}>{render(row, index)}</Clamped>,
        ...(align ? { align } : {}),
        ...(fixed ? { fixed: 'end' as const } : {}),
        ...sorting,
      }))}
    />
  );
}
