import type { Schema } from '../../api';

/** 操作人/角色: 顾客 and 系统 stand for themselves. */
export function operatorText({ operator }: Schema<'ReportingProjectOut'>): string {
  if (operator === null) {
    return '--';
  }
  return operator.kind === 'staff'
    ? `${operator.name ?? '--'} ${operator.role_name ?? ''}`.trim()
    : (operator.name ?? '--');
}
