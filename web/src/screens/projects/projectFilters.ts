/** Filters of 项目管理: those of the query bar, and those that figures of the dashboard come with. */
import { dayBounds } from '../../app/times';
import { maybeOneOf, oneOf, type Query, text } from '../../wrappers/useFilters';

export const TABS = ['running', 'completed', 'paused', 'cancelled'] as const;
export const SORTS = [
  'created_at',
  '-created_at',
  'order_number',
  '-order_number',
  'product_name',
  '-product_name',
] as const;
export const QUEUE_REASONS = ['no_provider_configured', 'providers_full', 'no_staff', 'staff_full'] as const;

/** Set by a figure of the dashboard only: shown above the table, closed with one click. */
export const DRILLS = [
  'completed_from',
  'completed_to',
  'as_of',
  'provider_then',
  'held_by',
  'created_from',
  'created_to',
  'product_id',
  'state_then',
] as const;

export const FILTERS = {
  tab: oneOf([...TABS, 'all'], 'running'),
  sort: oneOf(SORTS, '-created_at'),
  order_number: text,
  business_number: text,
  provider_id: text,
  vendor_name: text,
  product_name: text,
  edition: text,
  sales_channel: text,
  customer_name: text,
  operator_name: text,
  role: text,
  stage: text,
  from_day: text,
  to_day: text,
  overdue: maybeOneOf(['any', 'server', 'customer'] as const),
  queue_reason: maybeOneOf(QUEUE_REASONS),
  sku: text,
  parameter: text,
  unpaid: maybeOneOf(['true', 'false'] as const),
  hold: maybeOneOf(['any', 'frozen', 'expired'] as const),
  completed_from: text,
  completed_to: text,
  as_of: text,
  provider_then: text,
  held_by: text,
  created_from: text,
  created_to: text,
  product_id: text,
  state_then: maybeOneOf(['cancelled', 'delivered', 'paused', 'overdue', 'running'] as const),
};

type Values = { [Name in keyof typeof FILTERS]: ReturnType<(typeof FILTERS)[Name]['parse']> };
export type ProjectQuery = Query<Values>;

type Asked = Omit<ProjectQuery, 'from_day' | 'to_day' | 'unpaid'> & { unpaid?: boolean };

/** The query as the API wants it: days become moments, counted in the platform's time zone. */
export function apiQuery({ from_day, to_day, unpaid, ...query }: ProjectQuery): Asked {
  const from = from_day && dayBounds(from_day)?.from;
  const to = to_day && dayBounds(to_day)?.to;
  return {
    ...query,
    ...(from ? { created_from: from } : {}),
    ...(to ? { created_to: to } : {}),
    ...(unpaid ? { unpaid: unpaid === 'true' } : {}),
  };
}
