/** 镜像: whether the marketplace's own delivery center hears what is done here. */
import type { Schema } from '../../api';

export type Mirror = Schema<'IntakeMirrorOut'>;
export type Report = Schema<'IntakeReportEntry'>;

export const REPORT_STATES = ['parked', 'waiting', 'told', 'seen', 'dismissed'] as const;
export const REPORT_COLORS = {
  parked: 'orange',
  waiting: 'blue',
  told: 'green',
  seen: 'green',
  dismissed: 'default',
} as const;

const REASONS = [
  'another-order',
  'another-node',
  'no-such-node',
  'node-not-ours',
  'not-rejectable',
  'ended-there',
  'behind',
  'paused-there',
  'unknown-there',
] as const;

/** A reason we have words for; others are codes of the marketplace, and shown as they are. */
export function knownReport(reason: string | null): (typeof REASONS)[number] | undefined {
  return REASONS.find((one) => one === reason);
}

export type MirrorState = 'off' | 'refused' | 'unreachable' | 'parked' | 'waiting' | 'well';

/** How it is doing, the worst first. What waits without an error is on its way, or waits for the buyer. */
export function mirrorState(mirror: Pick<Mirror, 'enabled' | 'error' | 'parked' | 'waiting'>): MirrorState {
  if (!mirror.enabled) {
    return 'off';
  }
  if (mirror.error !== null) {
    return mirror.error.startsWith('refused') ? 'refused' : 'unreachable';
  }
  return mirror.parked > 0 ? 'parked' : mirror.waiting > 0 ? 'waiting' : 'well';
}

export const MIRROR_COLORS = {
  off: 'default',
  refused: 'red',
  unreachable: 'red',
  parked: 'orange',
  waiting: 'blue',
  well: 'green',
} as const satisfies Record<MirrorState, string>;
