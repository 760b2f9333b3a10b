/** What a marketplace sent: how it stands, and what can be done of it. */
import type { Schema } from '../../api';

export type Notice = Schema<'IntakeNoticeEntry'>;
export type NoticeDetail = Schema<'IntakeNoticeDetail'>;

export const STATES = ['parked', 'applied', 'refused'] as const;
export const STATE_COLORS = { parked: 'orange', applied: 'green', refused: 'red' } as const;

const REASONS = [
  'sku-unknown',
  'verb-unknown',
  'order-unknown',
  'behind-parked',
  'parameter-missing',
  'parameter-wrong',
  'order-exists',
  'order-ended',
  'another-product',
  'by-hand',
] as const;

export type Reason = (typeof REASONS)[number];

/** A reason we have words for; others are the project's, and shown as they are. */
export function knownReason(reason: string | null): Reason | undefined {
  return REASONS.find((one) => one === reason);
}

/** What comes in as JSON is indented to be read; anything else stays as it came. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** What a notice asks for, without what is not in it, nested parts as lines of their own. */
export function saidIn(translated: object): [string, string][] {
  return Object.entries(translated).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === '') {
      return [];
    }
    if (typeof value === 'object') {
      return saidIn(value as object).map(([below, text]) => [`${name}.${below}`, text]);
    }
    return [[name, String(value)]];
  });
}
