/** What in a service's state asks for somebody's attention. */
import type { Schema } from '../../api';

type ServiceState = Schema<'ServiceState'>;

/** Figures of a service's own that the console has words for. */
export const OWN = [
  'waiting',
  'oldest_waiting_seconds',
  'wakes',
  'oldest_wake_seconds',
  'parked',
  'oldest_due_seconds',
  'timers_late',
  'timers_late_seconds',
  'calendar_days',
  'backup_age_seconds',
  'overdue_orders',
  'parked_notices',
  'waiting_reports',
  'oldest_report_seconds',
  'parked_reports',
] as const;

/** A message, a wake or an event this old is not just on its way. */
const LATE_SECONDS = 60;
/** The calendar must reach further than the longest usual timeout. */
const CALENDAR_DAYS = 30;

const PARKED = ['parked', 'parked_notices', 'parked_reports'];
/** How old what is due may become; a marketplace's delivery center may be away for a while. */
const STUCK = { oldest_wake_seconds: LATE_SECONDS, oldest_due_seconds: LATE_SECONDS, oldest_report_seconds: 7200 };

export type Trouble = 'parked' | 'lag' | 'timers' | 'calendar' | 'stuck';

export function troubles({ feeds, outbox, own }: ServiceState): Trouble[] {
  const found: [boolean, Trouble][] = [
    [feeds.some(({ parked }) => parked > 0) || PARKED.some((name) => (own[name] ?? 0) > 0), 'parked'],
    [(outbox?.oldest_seconds ?? 0) > LATE_SECONDS, 'lag'],
    [(own['timers_late_seconds'] ?? 0) > LATE_SECONDS, 'timers'],
    [(own['calendar_days'] ?? CALENDAR_DAYS) < CALENDAR_DAYS, 'calendar'],
    [
      (own['overdue_orders'] ?? 0) > 0 || Object.entries(STUCK).some(([name, limit]) => (own[name] ?? 0) > limit),
      'stuck',
    ],
  ];
  return found.flatMap(([is, trouble]) => (is ? [trouble] : []));
}
