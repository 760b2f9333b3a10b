/** The roles of the provider's side as choices, by their codes. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api';

export function useProviderRoles(): { value: string; label: string }[] {
  const found = useQuery({
    queryKey: ['roles', 'provider'],
    queryFn: () => answer(api.GET('/api/v1/roles', { params: { query: { side: 'provider' } } })),
    staleTime: 10 * 60_000,
  });
  return (found.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }));
}
