/** One figure with its name, its unit, what it means, and the way to the rows behind it. */
import { Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

export interface StatCardProps {
  title: string;
  /** Undefined while it is loading. */
  value: ReactNode | undefined;
  unit?: string;
  /** For example the time as of which it holds. */
  hint?: ReactNode;
  /** Where the rows behind the figure are listed. */
  to?: string;
  tone?: 'plain' | 'good' | 'warning' | 'bad';
}

export function StatCard({ title, value, unit, hint, to, tone = 'plain' }: StatCardProps) {
  const figure =
    value === undefined ? (
      <Skeleton.Input active size="small" />
    ) : (
      <span className={`stat-value stat-${tone}`}>
        {value}
        {unit && <span className="stat-unit">{unit}</span>}
      </span>
    );
  return (
    <div className="card stat-card">
      <h3>{title}</h3>
      {to && value !== undefined ? <Link to={to}>{figure}</Link> : figure}
      {hint && <p className="secondary">{hint}</p>}
    </div>
  );
}
