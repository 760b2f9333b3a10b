/** What is said and shown in a project: comments, notes and files in one thread, and how far this person has read it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useIsCustomer } from './details';

export type Entry = Schema<'ProjectEntry'>;
export type Talker = Schema<'ProjectTalker'>;
export type Said = 'comment' | 'note';

const PAGE = 50;
/** What is said and shown is told at once; asked for only where the server has no stream of changes. */
const AGAIN_MS = 60_000;

export interface Conversation {
  /** Oldest first; undefined until they are there. */
  entries: readonly Entry[] | undefined;
  unread: number;
  people: readonly Talker[];
  error: Error | null;
  retry: () => void;
  /** Reads what stands before; undefined where there is no more. */
  earlier: (() => void) | undefined;
  /** Says that everything shown has been read. */
  see: () => Promise<void>;
}

export function useConversation(projectId: string): Conversation {
  const asCustomer = useIsCustomer();
  const pages = useInfiniteQuery({
    queryKey: ['talk', projectId, asCustomer],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = { as_customer: asCustomer, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return answer(
        api.GET('/api/v1/projects/{project_id}/conversation', { params: { path: { project_id: projectId }, query } }),
      );
    },
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: AGAIN_MS,
  });
  const [first] = pages.data?.pages ?? [];
  return {
    entries: pages.data?.pages.flatMap((page) => page.items).toReversed(),
    unread: first?.unread ?? 0,
    people: first?.people ?? [],
    error: pages.error,
    retry: () => void pages.refetch(),
    earlier: pages.hasNextPage ? () => void pages.fetchNextPage() : undefined,
    see: async () => {
      const newest = first?.items[0]?.at;
      if (newest !== undefined) {
        const params = { path: { project_id: projectId } };
        await api.PUT('/api/v1/projects/{project_id}/conversation/seen', { params, body: { until: newest } });
        await queries.invalidateQueries({ queryKey: ['talk', projectId] });
      }
    },
  };
}
