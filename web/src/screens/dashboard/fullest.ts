/** The rows of 服务商饱和度 in the order they are looked at. */
import type { Schema } from '../../api';

type Row = Schema<'ReportingSaturationRowOut'>;

export function keyOf(row: Pick<Row, 'product_id' | 'provider_id'>): string {
  return `${row.product_id} ${row.provider_id}`;
}

/** Those as of 0:00 and those that came today, the fullest first as they stand now. */
export function bySaturation(then: readonly Row[], now: readonly Row[]): Row[] {
  const known = new Set(then.map(keyOf));
  const present = new Map(now.map((row) => [keyOf(row), row]));
  const fullness = (row: Row) => Number((present.get(keyOf(row)) ?? row).percent ?? -1);
  return [...then, ...now.filter((row) => !known.has(keyOf(row)))].toSorted(
    (one, other) => fullness(other) - fullness(one),
  );
}
