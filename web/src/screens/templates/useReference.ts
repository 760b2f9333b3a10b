/** What the platform offers to the forms of nodes: roles, demand forms, message templates (T-49, T-93, T-109). */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api';
import type { FormField, NodeKind } from './forms';
import type { FlowNode } from './node';

const STALE_MS = 60_000;

export interface Choice {
  value: string;
  label: string;
}

export function useRoles() {
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: async () => (await answer(api.GET('/api/v1/roles'))).items,
    staleTime: STALE_MS,
  });
  const all = roles.data ?? [];
  return {
    nameOf: (code: string) => all.find((role) => role.code === code)?.name ?? code,
    /** The roles a node of this kind may name in this field (T-31, T-38, T-59). */
    choices: (kind: NodeKind, node: FlowNode, field: FormField): Choice[] =>
      all
        .filter((role) => role.active && role.side === (kind.side ?? node.side))
        .filter((role) => field.roles.length === 0 || field.roles.includes(role.code))
        .map(({ code, name }) => ({ value: code, label: name })),
  };
}

export function useDemandForms() {
  const forms = useQuery({
    queryKey: ['demand-forms'],
    queryFn: async () => (await answer(api.GET('/api/v1/demand-forms'))).items,
    staleTime: STALE_MS,
  });
  return forms.data ?? [];
}

/** All message templates; with `receiver` those that fit node and receiver come first and say so (T-94). */
export function useMessageTemplates(node?: FlowNode, receiver?: string | null) {
  const query = node && receiver ? { node_type: node.type, receiver, ...(node.side ? { side: node.side } : {}) } : {};
  const found = useQuery({
    queryKey: ['message-templates', query],
    queryFn: async () => (await answer(api.GET('/api/v1/message-templates', { params: { query } }))).items,
    staleTime: STALE_MS,
  });
  return found.data ?? [];
}
