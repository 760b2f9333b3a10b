/** 订单参数: which parameters orders of a product carry. */
import type { Schema } from '../../api';

export type Parameter = Required<Schema<'TemplateParameter'>>;

export const TYPES = ['text', 'number', 'integer', 'boolean', 'date', 'choice'] as const;
export const MOST = 50;

/** Options as they are typed, one a line; `undefined`: one is there twice. */
export function optionsOf(typed: string): string[] | undefined {
  const options = typed
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return new Set(options).size === options.length ? options : undefined;
}

/** `all` with `one` in the place of that with the key `was`, or behind the others. */
export function withParameter(all: readonly Parameter[], one: Parameter, was?: string): Parameter[] {
  return was === undefined ? [...all, one] : all.map((other) => (other.key === was ? one : other));
}

/** `all` with the one of this key one place earlier or later. */
export function moved(all: readonly Parameter[], key: string, by: -1 | 1): Parameter[] {
  const from = all.findIndex((one) => one.key === key);
  const to = from + by;
  const found = all[from];
  const other = all[to];
  return found && other ? all.map((one, place) => (place === from ? other : place === to ? found : one)) : [...all];
}
