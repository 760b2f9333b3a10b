/** The columns of 项目管理. */
import { LayoutOutlined, SwapOutlined, UserSwitchOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schema } from '../../api';
import { useEntrance } from '../../app/entrance';
import { minuteText } from '../../app/times';
import { holds, useMe } from '../../session/session';
import { Clamped, Lines } from '../../wrappers/Clamped';
import type { Column } from '../../wrappers/ListPage';
import { lazily } from '../../wrappers/lazily';
import { useListState } from '../../wrappers/useListState';
import { OrderMarks } from './OrderMarks';
import { OverdueMark } from './OverdueMark';
import { operatorText } from './operatorText';
import { useQueueReason } from './useQueueReason';

const ChangeAssignee = lazily(async () => ({ default: (await import('./ChangeAssignee')).ChangeAssignee }));
const ChangeProvider = lazily(async () => ({ default: (await import('./ChangeProvider')).ChangeProvider }));

type Project = Schema<'ReportingProjectOut'>;

/** Beside an open project there is room for what tells one from another, and where it stands. */
const BESIDE: Readonly<Record<string, number>> = { numbers: 132, product: 146, stage: 104, operation: 92 };

/** The columns of the entrance, and the dialog that their icons open. */
export function useColumns(open: string | null, show: (projectId: string | null) => void) {
  const { t } = useTranslation('projects');
  const entrance = useEntrance();
  const me = useMe().data;
  const state = useListState();
  const reasonOf = useQueueReason();
  const [changing, setChanging] = useState<{ what: 'provider' | 'assignee'; row: Project }>();
  const close = () => setChanging(undefined);
  const isOpen = (row: Project) => row.state === 'running' || row.state === 'paused';
  const changesProvider = (row: Project) =>
    isOpen(row) &&
    row.provider_id !== null &&
    (entrance === 'operator' || (entrance === 'vendor' && holds(me, 'vendor_admin'))) &&
    row.several_providers === true;
  const changesAssignee = (row: Project) =>
    isOpen(row) && entrance === 'provider' && row.operator?.kind === 'staff' && row.operator.user_id !== null;
  // One column more than the vendor's: the others give way, so that the stage stays in sight.
  const isWide = entrance === 'vendor';
  const columns: Column<Project>[] = [
    {
      key: 'numbers',
      title: t('columns.numbers'),
      sort: 'order_number',
      width: 132,
      lines: 0,
      render: (row) => <Lines first={row.order_number} others={[row.business_number]} />,
    },
    {
      key: 'product',
      title: t('columns.product'),
      sort: 'created_at',
      width: isWide ? 168 : 146,
      lines: 0,
      render: (row) => (
        <Lines
          first={row.product_name}
          others={[`${row.edition ?? '--'} / ${row.sales_channel || '--'}`, minuteText(row.created_at)]}
        />
      ),
    },
    {
      key: 'order',
      title: t('columns.order'),
      width: isWide ? 82 : 72,
      lines: 3,
      render: (row) => (
        <>
          {row.quantity > 1 && `× ${row.quantity} `}
          <OrderMarks {...row} holds={row.hold ? [row.hold] : []} />
        </>
      ),
    },
    {
      key: 'customer',
      title: t('columns.customer'),
      width: isWide ? 96 : 88,
      render: (row) => row.customer_name ?? '--',
    },
    ...(entrance === 'vendor'
      ? []
      : [{ key: 'vendor', title: t('columns.vendor'), width: 88, render: (row: Project) => row.vendor_name ?? '--' }]),
    {
      key: 'provider',
      title: t('columns.provider'),
      width: isWide ? 114 : 88,
      render: (row) => (
        <>
          {row.provider_name ?? '--'}
          {changesProvider(row) && (
            <IconButton
              label={t('changeProvider.icon', { order: row.order_number })}
              icon={<SwapOutlined />}
              onClick={() => setChanging({ what: 'provider', row })}
            />
          )}
        </>
      ),
    },
    {
      key: 'operator',
      title: t('columns.operator'),
      width: 104,
      render: (row) => (
        <>
          <span className="whole-words">{operatorText(row)}</span>
          {changesAssignee(row) && (
            <IconButton
              label={t('changeAssignee.icon', { order: row.order_number })}
              icon={<UserSwitchOutlined />}
              onClick={() => setChanging({ what: 'assignee', row })}
            />
          )}
        </>
      ),
    },
    {
      key: 'stage',
      title: t('columns.stage'),
      width: isWide ? 132 : 120,
      lines: 4,
      render: (row) => (
        <>
          {row.stage ?? '--'} {row.overdue && <OverdueMark overdue={row.overdue} />}
          {row.queue_reason_text && (
            <div className="secondary">{reasonOf(row.queue_reason, row.queue_reason_text)}</div>
          )}
        </>
      ),
    },
    {
      key: 'operation',
      title: t('columns.operation'),
      fixed: true,
      width: 92,
      render: (row) => (
        <span className="row-operations">
          <Link to={row.project_id} state={state} aria-label={`${t('columns.details')} ${row.business_number}`}>
            {t('columns.details')}
          </Link>
          <IconButton
            label={t('split.open', { number: row.business_number })}
            icon={<LayoutOutlined />}
            isPressed={open === row.project_id}
            onClick={() => show(open === row.project_id ? null : row.project_id)}
          />
        </span>
      ),
    },
  ];
  const dialog =
    changing &&
    (changing.what === 'provider' ? (
      <ChangeProvider
        projectId={changing.row.project_id}
        subject={subjectOf(changing.row)}
        productId={changing.row.product_id}
        provider={{ id: changing.row.provider_id, name: changing.row.provider_name }}
        onClose={close}
      />
    ) : (
      <ChangeAssignee
        projectId={changing.row.project_id}
        subject={subjectOf(changing.row)}
        present={operatorText(changing.row)}
        role={changing.row.operator?.role ?? ''}
        onClose={close}
      />
    ));
  const beside = columns.flatMap((column) => {
    const width = BESIDE[column.key];
    return width === undefined ? [] : [{ ...column, width }];
  });
  return { shown: open === null ? columns : beside, dialog };
}

/** A project on a phone: one cell for all that a row tells. */
export function ProjectCard({ row }: { row: Project }) {
  return (
    <div className="card-cell">
      <strong>
        <Clamped>{row.product_name}</Clamped>
      </strong>
      <span>
        <Clamped>{row.stage ?? '--'}</Clamped> {row.overdue && <OverdueMark overdue={row.overdue} />}{' '}
        <OrderMarks {...row} holds={row.hold ? [row.hold] : []} />
      </span>
      <span className="secondary">
        <Clamped lines={1}>{`${operatorText(row)} · ${row.provider_name ?? '--'}`}</Clamped>
      </span>
      <span className="secondary">{`${row.order_number} · ${minuteText(row.created_at)}`}</span>
    </div>
  );
}

/** What a project is called in a dialog about it. */
function subjectOf({ order_number, product_name }: Project): string {
  return `${order_number} · ${product_name}`;
}

function IconButton(props: { label: string; icon: React.ReactNode; isPressed?: boolean; onClick: () => void }) {
  const { label, icon, isPressed, onClick } = props;
  return (
    <Tooltip title={label}>
      <Button type="link" size="small" icon={icon} aria-label={label} aria-pressed={isPressed} onClick={onClick} />
    </Tooltip>
  );
}
