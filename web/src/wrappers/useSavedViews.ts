/** Filters of a list kept on the server under a name: one's own, and those colleagues share (console, point 1). */
import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../api';

export type SavedView = Schema<'IdentityViewOut'>;

/** `page` is the list's code: lower case, digits and hyphens. */
export function useSavedViews(page: string) {
  const views = useQuery({
    queryKey: ['views', page],
    queryFn: async () => (await answer(api.GET('/api/v1/me/views', { params: { query: { page } } }))).items,
    staleTime: 60_000,
  });
  const save = useMutation({
    mutationFn: ({ name, filters, shared }: { name: string; filters: Record<string, unknown>; shared: boolean }) =>
      answer(
        api.PUT('/api/v1/me/views/{view_id}', {
          params: { path: { view_id: crypto.randomUUID() } },
          body: { page, name, filters, shared },
        }),
      ),
  });
  const remove = useMutation({
    mutationFn: (viewId: string) => api.DELETE('/api/v1/me/views/{view_id}', { params: { path: { view_id: viewId } } }),
  });
  return { views: views.data ?? [], save, remove };
}
