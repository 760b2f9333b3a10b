/**
 * Filters that live in the address, so that a list can be bookmarked, sent to a colleague and gone back to.
 *
 *     const filters = useFilters({ tab: oneOf(['running', 'paused'], 'running'), order_number: text });
 *     filters.values.order_number        what is set, null where nothing is
 *     filters.apply({ order_number: '66' })   set some, keep the others
 *     filters.reset(['tab'])             empty all but those named (重置)
 *     filters.query                      what is set, as the API wants it
 */
import {
  type inferParserType,
  parseAsString,
  parseAsStringLiteral,
  type UseQueryStatesKeysMap,
  useQueryStates,
  type Values,
} from 'nuqs';
import { useMemo } from 'react';
import { useToFirstPage } from './place';

export const text = parseAsString;

/** One of a few values; the first mention of `preset` keeps the address clean while it is chosen. */
export function oneOf<const Value extends string>(values: readonly Value[], preset: Value) {
  return parseAsStringLiteral(values).withDefault(preset);
}

/** One of a few values, or none. */
export function maybeOneOf<const Value extends string>(values: readonly Value[]) {
  return parseAsStringLiteral(values);
}

/** Filters with a value, without the empty ones. */
export type Query<Map> = { [Key in keyof Map]?: NonNullable<Map[Key]> };

export interface Filters<Map extends UseQueryStatesKeysMap> {
  values: Values<Map>;
  query: Query<Values<Map>>;
  apply: (change: Partial<inferParserType<Map>>) => void;
  reset: (keep?: readonly (keyof Map)[]) => void;
  /** Replace all filters by those of a saved view. */
  replace: (values: Record<string, unknown>) => void;
}

export function useFilters<Map extends UseQueryStatesKeysMap>(parsers: Map): Filters<Map> {
  const [values, set] = useQueryStates(parsers, { history: 'push' });
  const toFirstPage = useToFirstPage();
  return useMemo(() => {
    const empty = Object.fromEntries(Object.keys(parsers).map((name) => [name, null]));
    const change = (next: Record<string, unknown>) => {
      void set(next as Parameters<typeof set>[0]);
      toFirstPage();
    };
    return {
      values,
      query: withoutEmpty(values),
      apply: (patch) => change(Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value || null]))),
      reset: (keep = []) => change({ ...empty, ...Object.fromEntries(keep.map((name) => [name, values[name]])) }),
      replace: (saved) => {
        const known = Object.entries(saved).filter(([name]) => name in parsers);
        change({ ...empty, ...Object.fromEntries(known) });
      },
    };
  }, [parsers, values, set, toFirstPage]);
}

/** What is set. Empty texts count as nothing: the API refuses them. */
export function withoutEmpty<Map extends object>(values: Map): Query<Map> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  ) as Query<Map>;
}
