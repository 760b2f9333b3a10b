/** What a figure of the dashboard has filtered by: 已交付 · 11-03 至 12-02 · 截至 2026-12-02 00:00. */
import type { TFunction } from 'i18next';
import { minuteText } from '../../app/times';

interface Drilled {
  state_then: string | null;
  completed_from: string | null;
  completed_to: string | null;
  created_from: string | null;
  created_to: string | null;
  as_of: string | null;
}

const STATES = ['delivered', 'running', 'paused', 'overdue', 'cancelled'] as const;

export function drillText(values: Drilled, t: TFunction<'projects'>): string {
  const state = STATES.find((one) => one === values.state_then);
  const [from, to] = [values.completed_from ?? values.created_from, values.completed_to ?? values.created_to];
  const parts = [
    t('list.drill'),
    state && t(`list.drilled.${state}`),
    from && to && t('list.drillSpan', { from: minuteText(from), to: minuteText(to) }),
    values.as_of && t('list.drillAsOf', { time: minuteText(values.as_of) }),
  ];
  return parts.filter(Boolean).join(' · ');
}
