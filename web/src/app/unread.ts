/** How many in-site messages the caller has not read; asked again every half minute. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api';

export function useUnread(): number {
  const found = useQuery({
    queryKey: ['messages', 'unread-count'],
    queryFn: () => answer(api.GET('/api/v1/messages/unread-count')),
    refetchInterval: 30_000,
  });
  return found.data?.unread ?? 0;
}
