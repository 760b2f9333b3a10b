/** Which page of how many rows a list shows, as it stands in the address. */
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';

export const SIZES = [20, 50, 100] as const;
const USUAL = SIZES[0];
const KEY = 'delivery.pageSize';

const PLACE = { page: parseAsInteger, after: parseAsString, size: parseAsInteger };

/** The first page, whose place the address need not say. */
export const FIRST = { page: null, after: null };

export function usePlace() {
  const [{ page, after, size }, set] = useQueryStates(PLACE, { history: 'push' });
  const chosen = size ?? Number(localStorage.getItem(KEY));
  const known = SIZES.find((one) => one === chosen) ?? USUAL;
  return useMemo(
    () => ({
      number: after === null ? 1 : Math.max(page ?? 2, 2),
      cursor: after ?? undefined,
      size: known,
      go: (number: number, cursor: string | undefined) => {
        void set(cursor === undefined ? FIRST : { page: number, after: cursor });
        window.scrollTo({ top: 0 });
      },
      resize: (rows: number) => {
        localStorage.setItem(KEY, String(rows));
        void set({ ...FIRST, size: rows === USUAL ? null : rows });
      },
    }),
    [page, after, known, set],
  );
}

/** Back to the first page; for filters, which go together with it into one entry of the history. */
export function useToFirstPage(): () => void {
  const [, set] = useQueryStates(PLACE, { history: 'push' });
  return useCallback(() => void set(FIRST), [set]);
}
