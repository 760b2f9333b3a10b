/** How many comments or notes a project has, and how many came since this person last opened them in this browser. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api';
import { useMe } from '../../session/session';
import { useIsCustomer } from './details';

export function useTalkCount(projectId: string, kind: 'comments' | 'notes' | undefined) {
  const asCustomer = useIsCustomer();
  const me = useMe().data?.user_id;
  const key = `delivery.seen.${me}.${projectId}.${kind}`;
  const [seen, setSeen] = useState(() => Number(localStorage.getItem(key) ?? 0));
  const found = useQuery({
    queryKey: ['talk', 'count', kind, projectId, asCustomer],
    enabled: kind !== undefined,
    queryFn: async () => {
      const params = { path: { project_id: projectId }, query: { as_customer: asCustomer, limit: 1 } };
      const page = await (kind === 'comments'
        ? answer(api.GET('/api/v1/projects/{project_id}/comments', { params }))
        : answer(api.GET('/api/v1/projects/{project_id}/notes', { params })));
      return page.total;
    },
  });
  const total = found.data ?? 0;
  const see = () => {
    if (kind !== undefined) {
      localStorage.setItem(key, String(total));
      setSeen(total);
    }
  };
  return { total, unseen: Math.max(0, total - seen), see };
}
