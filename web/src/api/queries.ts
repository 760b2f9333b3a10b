/** What has been read stays shown while it is read anew; every command makes everything shown stale. */
import { MutationCache, QueryClient } from '@tanstack/react-query';

export const queries: QueryClient = new QueryClient({
  defaultOptions: {
    // The transport tries again by itself where that helps.
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
  mutationCache: new MutationCache({ onSuccess: (): Promise<void> => queries.invalidateQueries() }),
});
