/** The exclamation mark of an overdue node, different per side, with its details on hover and focus (R-23 … R-27). */
import { ExclamationCircleFilled, WarningOutlined } from '@ant-design/icons';
import { Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { secondText } from '../../app/times';

export interface Overdue {
  side: 'server' | 'customer';
  node: string;
  operator: string | null;
  role_name?: string | null;
  timeout_days: string;
  entered_at: string;
  due_at: string;
  overdue_days: string;
}

/** Lists give times with a zone, the details page as texts. */
function timeText(time: string): string {
  return time.includes('T') ? secondText(time) : time;
}

export function OverdueMark({ overdue }: { overdue: Overdue }) {
  const { t } = useTranslation('projects');
  const operator = [overdue.operator, overdue.role_name].filter(Boolean).join(' ');
  const side = t(overdue.side === 'server' ? 'overdue.server' : 'overdue.customer');
  const facts = [
    [t('overdue.node'), overdue.node],
    [t('overdue.operator'), operator || '--'],
    [t('overdue.timeout'), t('overdue.days', { days: overdue.timeout_days })],
    [t('overdue.entered'), timeText(overdue.entered_at)],
    [t('overdue.due'), timeText(overdue.due_at)],
    [t('overdue.overdue'), t('overdue.workingDays', { days: overdue.overdue_days })],
  ];
  return (
    <Popover
      trigger={['hover', 'focus']}
      title={side}
      content={
        <dl className="overdue-facts">
          {facts.map(([label, text]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      }
    >
      <button type="button" className="mark" aria-label={side}>
        <SideIcon side={overdue.side} />
      </button>
    </Popover>
  );
}

/** 服务端超时 and 客户端超时 below a list. */
export function OverdueLegend() {
  const { t } = useTranslation('projects');
  return (
    <div className="legend">
      <span>
        <SideIcon side="server" /> {t('overdue.server')}
      </span>
      <span>
        <SideIcon side="customer" /> {t('overdue.customer')}
      </span>
    </div>
  );
}

function SideIcon({ side }: { side: Overdue['side'] }) {
  return side === 'server' ? (
    <ExclamationCircleFilled className="mark-server" aria-hidden />
  ) : (
    <WarningOutlined className="mark-customer" aria-hidden />
  );
}
