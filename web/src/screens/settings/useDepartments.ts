/** 企业架构 of the caller's provider (U-10). */
import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../../api';

export type Department = Schema<'IdentityDepartmentOut'>;

export function useDepartments(enabled: boolean) {
  return useQuery({ queryKey: ['departments'], queryFn: () => answer(api.GET('/api/v1/departments')), enabled });
}
