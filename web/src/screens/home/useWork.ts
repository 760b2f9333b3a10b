/** The parts of 待办 that somebody has in an entrance, by his roles; each read anew when the server tells of changes. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';
import { projectPath } from '../../app/projectPath';
import { type Entrance, holds, useEntrances, useMe } from '../../session/session';
import { detailsOf } from '../projects/details';
import { useQueueReason } from '../projects/useQueueReason';
import { byUrgency, type Task, taskOf } from './work';

export type PartKey = 'mine' | 'asked' | 'overdue' | 'queued' | 'claimable' | 'reviews' | 'unread';

export interface Part {
  key: PartKey;
  /** How many there are in all; undefined while that is not known. */
  total: number | undefined;
  tasks: readonly Task[];
  /** Where all of them are. */
  more: string;
  error: Error | null;
}

/** So many of a part are shown. */
const SHOWN = 20;
const MINE = 100;

export function useWork(): { parts: readonly Part[]; isLoading: boolean } {
  const key = useEntrance();
  const me = useMe().data;
  const entrance = useEntrances().data?.find((one) => one.entrance === key);
  const reasonOf = useQueueReason();
  const { t } = useTranslation('work');
  const pathOf = (projectId: string) => (entrance && projectPath(entrance, projectId)) ?? '';
  const wanted = partsOf(entrance, me);
  const asked = useAsked(wanted.includes('asked'), key);
  const found = useQueries({
    queries: wanted
      .filter((part) => part !== 'asked')
      .map((part) => ({ queryKey: [QUERY_KEYS[part], 'work', key], queryFn: () => read(part) })),
  });
  async function read(part: Exclude<PartKey, 'asked'>): Promise<{ total: number; tasks: Task[] }> {
    const side = key === 'vendor' ? 'vendor' : 'provider';
    if (part === 'mine' || part === 'claimable') {
      const view = part === 'mine' ? 'pending' : 'claimable';
      const page = await answer(api.GET('/api/v1/my-projects', { params: { query: { view, limit: MINE } } }));
      const path = (id: string) => (part === 'mine' ? `/provider/my-projects/${id}` : '/provider/claims');
      return { total: page.total, tasks: page.items.map((row) => taskOf(row, path(row.project_id))) };
    }
    if (part === 'overdue') {
      const query = { entrance: side, tab: 'running', overdue: 'any', limit: MINE } as const;
      const page = await answer(api.GET('/api/v1/project-list', { params: { query } }));
      return { total: page.total, tasks: page.items.map((row) => taskOf(row, pathOf(row.project_id))) };
    }
    if (part === 'queued') {
      const page = await answer(api.GET('/api/v1/queue', { params: { query: { entrance: side, limit: SHOWN } } }));
      const tasks = page.items.map((row) => ({
        key: row.request_id,
        path: `/${key}/queue?order_number=${encodeURIComponent(row.order_number)}`,
        title: `${row.product_name ?? '--'} · ${row.order_number}`,
        about: reasonOf(row.reason, row.reason_text),
        left: null,
        isOverdue: false,
        since: row.queued_at,
      }));
      return { total: page.total, tasks };
    }
    if (part === 'reviews') {
      const page = await answer(
        api.GET('/api/v1/templates', { params: { query: { revision: 'under_review', limit: SHOWN } } }),
      );
      const tasks = page.items.map((row) => ({
        key: row.id,
        path: `/operator/reviews/${row.id}`,
        title: row.name,
        about: t('home.review'),
        left: null,
        isOverdue: false,
        since: row.modified_at,
      }));
      return { total: page.total, tasks };
    }
    const page = await answer(api.GET('/api/v1/messages', { params: { query: { unread: true, limit: SHOWN } } }));
    const tasks = page.items.map((row) => ({
      key: row.message_id,
      path: pathOf(row.project_id),
      title: row.title,
      about: row.body,
      left: null,
      isOverdue: false,
      since: row.created_at,
    }));
    return { total: page.total, tasks };
  }
  const others = wanted.filter((part) => part !== 'asked');
  const parts = wanted.map((part): Part => {
    if (part === 'asked') {
      return { key: part, more: moreOf(key)[part], ...asked };
    }
    const one = found[others.indexOf(part)];
    const tasks = part === 'unread' ? (one?.data?.tasks ?? []) : (one?.data?.tasks ?? []).toSorted(byUrgency);
    return {
      key: part,
      total: one?.data?.total,
      tasks: tasks.slice(0, SHOWN),
      more: moreOf(key)[part],
      error: one?.error ?? null,
    };
  });
  return {
    parts,
    isLoading: me === undefined || parts.some(({ total, error }) => total === undefined && error === null),
  };
}

/** The first parts of the keys of queries, so that the stream of changes finds them (`isTouched`). */
const QUERY_KEYS = {
  mine: 'my-projects',
  claimable: 'claimable-orders',
  overdue: 'project-list',
  queued: 'queue',
  reviews: 'templates',
  unread: 'messages',
} as const;

function moreOf(entrance: string): Record<PartKey, string> {
  return {
    mine: `/${entrance}/my-projects`,
    asked: `/${entrance}/purchased-services?tab=waiting`,
    overdue: `/${entrance}/projects?overdue=any`,
    queued: `/${entrance}/queue`,
    claimable: `/${entrance}/claims`,
    reviews: `/${entrance}/reviews`,
    unread: `/${entrance}/messages?tab=unread`,
  };
}

/** What somebody has to do with in an entrance: its menus and his roles say it. */
export function partsOf(entrance: Entrance | undefined, me: Parameters<typeof holds>[0]): PartKey[] {
  const items = new Set(entrance?.menus.flatMap((menu) => [menu.name, ...menu.items]));
  const has: [boolean, PartKey][] = [
    [items.has('我的项目'), 'mine'],
    [items.has('已购服务'), 'asked'],
    [items.has('项目管理'), 'overdue'],
    [items.has('排队情况'), 'queued'],
    [items.has('订单认领') && (holds(me, 'account_manager') || holds(me, 'provider_admin')), 'claimable'],
    [items.has('模板审核'), 'reviews'],
    [entrance !== undefined, 'unread'],
  ];
  return has.flatMap(([is, part]) => (is ? [part] : []));
}

/** Purchased services that wait for the customer: where the open node offers him something. */
function useAsked(enabled: boolean, entrance: string) {
  const services = useQuery({
    queryKey: ['purchased-services', 'work'],
    enabled,
    queryFn: () =>
      answer(api.GET('/api/v1/purchased-services', { params: { query: { waiting: true, limit: SHOWN } } })),
  });
  const asked = services.data?.items ?? [];
  const waiting = useWaiting(asked.map(({ project_id }) => project_id));
  const tasks = asked
    .map((row) => ({
      key: row.project_id,
      path: `/${entrance}/purchased-services/${row.project_id}`,
      title: `${row.product_name} · ${row.order_number}`,
      about: row.stage ?? '',
      left: waiting.get(row.project_id)?.left ?? null,
      isOverdue: waiting.get(row.project_id)?.isOverdue ?? false,
      since: row.created_at,
    }))
    .toSorted(byUrgency);
  return { total: services.data?.total, tasks, error: services.error };
}

export interface Waits {
  /** What is asked for: the text of its first button. */
  asked: string;
  left: number | null;
  isOverdue: boolean;
}

/** Of these projects of a customer those that wait for him, and for what. The list itself does not tell. */
export function useWaiting(projectIds: readonly string[]): ReadonlyMap<string, Waits> {
  const found = useQueries({
    queries: projectIds.map((project_id) => ({
      ...detailsOf(project_id, true),
      staleTime: 30_000,
    })),
  });
  return new Map(
    found.flatMap(({ data }, place): [string, Waits][] => {
      const current = data?.current;
      const first = current?.operations[0];
      return current && first
        ? [
            [
              projectIds[place] ?? '',
              {
                asked: first.text,
                left: current.limit?.stands ? null : (current.limit?.remaining_seconds ?? null),
                isOverdue: current.overdue !== null,
              },
            ],
          ]
        : [];
    }),
  );
}
