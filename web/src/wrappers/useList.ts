/**
 * The rows of a list that the API serves page by page with cursors. Page and size stand in the address, so that a
 * reload, 返回 and a link find them again. While another page is on its way the one before stays shown; other filters
 * or another tab (another `key`) never show rows that are not theirs.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '../api';
import { usePlace } from './place';
import { cursorOf, rememberPage } from './trail';

export interface Page<Row> {
  items: Row[];
  total: number;
  next: string | null;
}

/** What the API is asked for. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

export interface List<Row> {
  rows: readonly Row[];
  total: number | undefined;
  /** Which page this is, from 1. */
  number: number;
  size: number;
  /** Nothing is known yet of the rows asked for. */
  isLoading: boolean;
  /** The rows of another page stand there until those asked for have come. */
  isPaging: boolean;
  /** Rows are shown and newer ones on their way. */
  isUpdating: boolean;
  error: Error | null;
  reload: () => void;
  /** Undefined where there is no such page. */
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
  first: (() => void) | undefined;
  resize: (size: number) => void;
}

interface Where {
  number: number;
  cursor: string | undefined;
  size: number;
  go: (number: number, cursor: string | undefined) => void;
  resize: (size: number) => void;
}

type Read<Row> = (page: PageQuery) => Promise<Page<Row>>;

/** `key` names the list and everything its rows depend on; `read` fetches a page of it. */
export function useList<Row>(key: readonly unknown[], read: Read<Row>): List<Row> {
  return useRows(key, read, usePlace());
}

/** The same where the list is not the page's own: in a dialog. */
export function useInnerList<Row>(key: readonly unknown[], read: Read<Row>, size: number): List<Row> {
  const whole = JSON.stringify(key);
  const [at, setAt] = useState<{ list: string; number: number; cursor: string | undefined }>();
  const here = at?.list === whole ? at : { number: 1, cursor: undefined };
  const go = (number: number, cursor: string | undefined) => setAt({ list: whole, number, cursor });
  return useRows(key, read, { ...here, size, go, resize: () => undefined });
}

function useRows<Row>(key: readonly unknown[], read: Read<Row>, where: Where): List<Row> {
  const { number, cursor, size, go } = where;
  const whole = JSON.stringify([...key, size]);
  const found = useQuery({
    queryKey: [...key, { size, cursor: cursor ?? 'first' }],
    queryFn: () => read({ limit: size, ...(cursor === undefined ? {} : { cursor }) }),
    placeholderData: (before: Page<Row> | undefined, query) =>
      isOf(query?.queryKey, key) ? keepPreviousData(before) : undefined,
  });
  // A cursor out of an old link may no longer be one.
  const isStale = cursor !== undefined && found.error instanceof ApiError && found.error.status === 422;
  useEffect(() => {
    if (isStale) {
      go(1, undefined);
    }
  });
  const next = found.isPlaceholderData ? null : found.data?.next;
  const to = (page: number, at: string | undefined) => () => {
    if (at !== undefined) {
      rememberPage(whole, page, at);
    }
    go(at === undefined ? 1 : page, at);
  };
  return {
    rows: found.data?.items ?? [],
    total: found.data?.total,
    number,
    size,
    isLoading: found.isLoading || isStale,
    isPaging: found.isPlaceholderData,
    isUpdating: found.isFetching && !found.isLoading,
    error: found.data === undefined && !isStale ? found.error : null,
    reload: () => void found.refetch(),
    next: next ? to(number + 1, next) : undefined,
    previous: number > 1 ? to(number - 1, cursorOf(whole, number - 1)) : undefined,
    first: number > 1 ? to(1, undefined) : undefined,
    resize: where.resize,
  };
}

/** Whether a query is of this list, whichever its page. */
export function isOf(query: readonly unknown[] | undefined, key: readonly unknown[]): boolean {
  return JSON.stringify(query?.slice(0, -1)) === JSON.stringify(key);
}
