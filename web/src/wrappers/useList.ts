/**
 * The rows of a list that the API serves page by page with cursors. A page already read stays shown while the next
 * one is on its way; other filters (another `key`) begin at the first page again.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

export interface Page<Row> {
  items: Row[];
  total: number;
  next: string | null;
}

export interface List<Row> {
  rows: readonly Row[];
  total: number | undefined;
  /** Which page this is, from 1. */
  number: number;
  isLoading: boolean;
  /** Rows are shown and newer ones on their way. */
  isUpdating: boolean;
  error: Error | null;
  reload: () => void;
  /** Undefined where there is no such page. */
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
}

/** `key` names the list and everything its rows depend on; `read` fetches the page after `cursor`. */
export function useList<Row>(
  key: readonly unknown[],
  read: (cursor: string | undefined) => Promise<Page<Row>>,
): List<Row> {
  const whole = JSON.stringify(key);
  const [walked, setWalked] = useState<{ key: string; cursors: string[] }>({ key: whole, cursors: [] });
  const cursors = walked.key === whole ? walked.cursors : [];
  const cursor = cursors.at(-1);
  const found = useQuery({
    queryKey: [...key, cursor ?? 'first'],
    queryFn: () => read(cursor),
    placeholderData: keepPreviousData,
  });
  const go = (to: string[]) => () => setWalked({ key: whole, cursors: to });
  const next = found.isPlaceholderData ? null : found.data?.next;
  return {
    rows: found.data?.items ?? [],
    total: found.data?.total,
    number: cursors.length + 1,
    isLoading: found.isLoading,
    isUpdating: found.isFetching && !found.isLoading,
    error: found.data === undefined ? found.error : null,
    reload: () => void found.refetch(),
    next: next ? go([...cursors, next]) : undefined,
    previous: cursors.length > 0 ? go(cursors.slice(0, -1)) : undefined,
  };
}
