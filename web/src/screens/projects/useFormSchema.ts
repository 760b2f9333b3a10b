/** The demand form of a submit-requirement node: with the page where it carries it, else from the list of all forms. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api';
import { holds, useMe } from '../../session/session';
import type { FlowNode } from './details';

export type FormSchema = Record<string, unknown>;

/** Undefined: still being fetched. Null: the caller is not given it. */
export function useFormSchema(node: Pick<FlowNode, 'form' | 'form_schema'> | undefined): FormSchema | null | undefined {
  const me = useMe().data;
  const may = holds(me, 'vendor_admin') || holds(me, 'platform_operator');
  const wanted = Boolean(node?.form) && !node?.form_schema;
  const forms = useQuery({
    queryKey: ['demand-forms'],
    enabled: wanted && may,
    staleTime: 60_000,
    queryFn: async () => (await answer(api.GET('/api/v1/demand-forms'))).items,
  });
  if (node?.form_schema) {
    return node.form_schema;
  }
  if (!wanted || (me && !may) || forms.error) {
    return null;
  }
  return forms.data ? (forms.data.find((one) => one.code === node?.form)?.schema ?? null) : undefined;
}
