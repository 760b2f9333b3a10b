/** What has been read stays shown while it is read anew; every command makes everything shown stale. */
import { MutationCache, QueryClient } from '@tanstack/react-query';

export const queries: QueryClient = new QueryClient({
  defaultOptions: {
    // The transport tries again by itself where that helps.
    // Without a network a request fails and says so; react-query would wait in silence for one (`networkMode`).
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
  mutationCache: new MutationCache({ onSuccess: (): Promise<void> => queries.invalidateQueries() }),
});
