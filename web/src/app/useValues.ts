/** The values that stand in the columns of 项目管理 with few of them, to filter by. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api';
import { useEntrance } from './entrance';

/** `isAsked`: whether the caller may know them; employees see only what waits for them. */
export function useValues(isAsked = true) {
  const key = useEntrance();
  const query = key === 'vendor' || key === 'provider' ? { entrance: key } : {};
  return useQuery({
    queryKey: ['project-values', key],
    queryFn: () => answer(api.GET('/api/v1/project-list/values', { params: { query } })),
    enabled: isAsked,
    staleTime: 300_000,
  }).data;
}
