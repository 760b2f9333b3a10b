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
] as const;

/** A message, a wake or an event this old is not just on its way. */
const LATE_SECONDS = 60;
/** The calendar must reach further than the longest usual timeout. */
const CALENDAR_DAYS = 30;

export type Trouble = 'parked' | 'lag' | 'timers' | 'calendar' | 'stuck';

export function troubles({ feeds, outbox, own }: ServiceState): Trouble[] {
  const found: [boolean, Trouble][] = [
    [feeds.some(({ parked }) => parked > 0) || (own['parked'] ?? 0) > 0, 'parked'],
    [(outbox?.oldest_seconds ?? 0) > LATE_SECONDS, 'lag'],
    [(own['timers_late_seconds'] ?? 0) > LATE_SECONDS, 'timers'],
    [(own['calendar_days'] ?? CALENDAR_DAYS) < CALENDAR_DAYS, 'calendar'],
    [Math.max(own['oldest_wake_seconds'] ?? 0, own['oldest_due_seconds'] ?? 0) > LATE_SECONDS, 'stuck'],
  ];
  return found.flatMap(([is, trouble]) => (is ? [trouble] : []));
}
