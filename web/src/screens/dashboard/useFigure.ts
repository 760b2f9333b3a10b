/** A figure twice: as of 0:00 of today (B-03), and as it is now. The one now is asked for again every minute. */
import { useQuery } from '@tanstack/react-query';

const LIVE_EVERY_MS = 60_000;

export interface Figure<Out> {
  midnight: Out | undefined;
  now: Out | undefined;
  error: Error | null;
  retry: () => void;
}

/** `read(live)` fetches it; `key` names it and everything it depends on. */
export function useFigure<Out>(key: readonly unknown[], read: (live: boolean) => Promise<Out>): Figure<Out> {
  const midnight = useQuery({ queryKey: ['dashboard', ...key, 'midnight'], queryFn: () => read(false), ...KEEP });
  const now = useQuery({
    queryKey: ['dashboard', ...key, 'now'],
    queryFn: () => read(true),
    refetchInterval: LIVE_EVERY_MS,
    ...KEEP,
  });
  return {
    midnight: midnight.data,
    now: now.data,
    error: midnight.error,
    retry: () => void Promise.all([midnight.refetch(), now.refetch()]),
  };
}

const KEEP = { placeholderData: <Data>(before: Data | undefined) => before };
