/** 待办: what waits for somebody, out of what the lists know, the most urgent first. */
import type { Schema } from '../../api';
import { isLate } from '../projects/remaining';

type Project = Schema<'ReportingProjectOut'>;

/** One thing to do. */
export interface Task {
  key: string;
  /** Where it is done. */
  path: string;
  title: string;
  /** What it is about: the node, the reason, the text. */
  about: string;
  /** Working seconds left, below 0 when overdue; null: no time limit, or its clock stands. */
  left: number | null;
  isOverdue: boolean;
  /** When it came, to tell those without a time limit apart. */
  since: string;
}

export function taskOf(row: Project, path: string): Task {
  const late = isLate(row.limit);
  const left = row.limit?.stands && !late ? null : (row.limit?.remaining_seconds ?? null);
  return {
    key: row.project_id,
    path,
    title: `${row.product_name} · ${row.order_number}`,
    about: [row.stage, row.customer_name].filter(Boolean).join(' · '),
    left,
    // The mark is for who supervises; that its time is over everybody sees.
    isOverdue: row.overdue !== null || late,
    since: row.created_at,
  };
}

/** Overdue first, then the least time left; without a limit the oldest first. */
export function byUrgency(one: Task, other: Task): number {
  return (
    Number(other.isOverdue) - Number(one.isOverdue) ||
    (one.left ?? Number.MAX_SAFE_INTEGER) - (other.left ?? Number.MAX_SAFE_INTEGER) ||
    one.since.localeCompare(other.since)
  );
}

/** The place that a key leads to: j and ↓ to the next, k and ↑ to the one before, never beyond the ends. */
export function stepTo(key: string, place: number, count: number): number | undefined {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
  return by === undefined || count === 0 ? undefined : Math.min(Math.max(place + by, 0), count - 1);
}
