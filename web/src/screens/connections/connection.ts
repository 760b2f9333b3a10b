/** Connections to marketplaces: how far each is, and whether the marketplace and we understand each other. */
import type { Schema } from '../../api';

export type Connection = Schema<'IntakeConnectionEntry'>;
export type Health = Schema<'IntakeHealth'>;
export type Kind = Schema<'IntakeKindEntry'>;

export const STAGES = ['draft', 'test', 'live'] as const;
export const READY_WHEN = ['received', 'started', 'first_human_node'] as const;
export const STAGE_COLORS = { draft: 'default', test: 'orange', live: 'green' } as const;

export type Stage = (typeof STAGES)[number];
export type ReadyWhen = (typeof READY_WHEN)[number];

/** What is to be done before orders come in, in this order. */
export const STEPS = ['secret', 'map', 'test', 'live'] as const;

/** How many of :data:`STEPS` are done. `mapped`: lines of the SKU map. */
export function stepsDone({ has_secret, stage }: Pick<Connection, 'has_secret' | 'stage'>, mapped: number): number {
  const isDone = [has_secret, mapped > 0, stage !== 'draft', stage === 'live'];
  const first = isDone.indexOf(false);
  return first === -1 ? STEPS.length : first;
}

/** Marketplaces refuse, and so do we, what is older than half a minute or more; before that it is worth a look. */
const SKEW_MS = 10_000;

/** What is wrong with what a marketplace sends, worst first. */
export type Trouble = 'signature' | 'clock' | 'malformed' | 'skew' | 'parked';

/** What came right since puts an error right: the last notice is younger than it. */
export function troublesOf(health: Health): Trouble[] {
  const isNow = (at: string | null) =>
    at !== null && (health.last_notice_at === null || Date.parse(at) > Date.parse(health.last_notice_at));
  const found: Record<Trouble, boolean> = {
    signature: isNow(health.last_signature_error_at),
    clock: isNow(health.last_clock_error_at),
    malformed: isNow(health.last_malformed_at),
    skew: Math.abs(health.skew_ms ?? 0) >= SKEW_MS,
    parked: health.parked > 0,
  };
  return (Object.keys(found) as Trouble[]).filter((trouble) => found[trouble]);
}

/** How many calls were refused before anything of them was stored. */
export function failuresIn(health: Health): number {
  return health.signature_errors + health.clock_errors + health.malformed;
}

/** The address a marketplace is to call, whole. */
export function wholeAddress(path: string, origin: string): string {
  return new URL(path, origin).href;
}
