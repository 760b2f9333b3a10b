/** SKU maps: lines as they are edited and sent, and as a CSV file that a spreadsheet opens and the server takes again. */
import type { Schema } from '../../api';
import type { FieldError } from '../../api/problem';

/** The server answers with every field. */
export type SkuEntry = Required<Schema<'IntakeSkuEntry'>>;
export type SkuLine = Required<Schema<'IntakeSkuLine'>>;

const COLUMNS = ['product_code', 'sku', 'product', 'edition'] as const;

/** Beyond it the server takes none. */
export const MOST_CHARACTERS = 500_000;

/** One line of the map, whatever its place. */
export function keyOf({ product_code, sku }: { product_code: string; sku: string }): string {
  return JSON.stringify([product_code, sku]);
}

/** The line as it is sent: what is only shown is left out. */
export function lineOf({ product: _product, product_name: _name, ...line }: SkuEntry): SkuLine {
  return line;
}

/** The map with `line` in the place of the one that had the key `was`, else at its end. */
export function withLine(entries: readonly SkuLine[], line: SkuLine, was?: string): SkuLine[] {
  const isThere = entries.some((one) => keyOf(one) === was);
  return isThere ? entries.map((one) => (keyOf(one) === was ? line : one)) : [...entries, line];
}

export function without(entries: readonly SkuLine[], key: string): SkuLine[] {
  return entries.filter((one) => keyOf(one) !== key);
}

/** Facts as they are typed, `name=value` a line; undefined where a line is none. */
export function factsOf(typed: string): Record<string, string> | undefined {
  const facts: Record<string, string> = {};
  for (const line of typed.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    if (at < 1 || name === '') {
      return undefined;
    }
    facts[name] = line.slice(at + 1).trim();
  }
  return facts;
}

export function factsText(facts: Record<string, string>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/** The whole map as a file; an empty one is a pattern to fill in. */
export function csvOf(entries: readonly SkuEntry[]): string {
  const facts = [...new Set(entries.flatMap((entry) => Object.keys(entry.facts)))].sort();
  const rows = entries.map((entry) => [
    entry.product_code,
    entry.sku,
    entry.product ?? '',
    entry.edition ?? '',
    ...facts.map((fact) => entry.facts[fact] ?? ''),
  ]);
  // The mark tells spreadsheets that it is UTF-8.
  return `\ufeff${[[...COLUMNS, ...facts], ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`;
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Refusals of a file by its own line numbers (the first has the names) and columns; without a line where it is all of it. */
export function faultsOf(
  fields: readonly Pick<FieldError, 'field' | 'message'>[],
): { line?: number; column?: string; message: string }[] {
  return fields.map(({ field, message }) => {
    const found = /^entries\.(\d+)(?:\.(.+))?$/.exec(field ?? '');
    return found
      ? { line: Number(found[1]) + 2, ...(found[2] === undefined ? {} : { column: found[2] }), message }
      : { message };
  });
}
