/** 企业架构 of the caller's provider (U-10). */
import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../../api';
import { byName } from '../../app/collate';

export type Department = Schema<'IdentityDepartmentOut'>;

export function useDepartments(enabled: boolean) {
  return useQuery({
    queryKey: ['departments'],
    queryFn: async () => {
      const found = await answer(api.GET('/api/v1/departments'));
      return { ...found, items: found.items.toSorted((one, other) => byName(one.name, other.name)) };
    },
    enabled,
  });
}
