/** One template with its nodes. */
import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../../api';
import type { FlowNode } from './node';

export type Detail = Omit<Schema<'TemplateTemplateDetail'>, 'nodes' | 'revision'> & {
  nodes: FlowNode[];
  revision: (Omit<Schema<'TemplateRevisionDetail'>, 'nodes'> & { nodes: FlowNode[] }) | null;
};

/** The nodes as the API takes them: it leaves the types of their fields open. */
export type Nodes = Schema<'TemplateContent'>['nodes'];

export async function readTemplate(templateId: string): Promise<Detail> {
  const path = { template_id: templateId };
  return (await answer(api.GET('/api/v1/templates/{template_id}', { params: { path } }))) as unknown as Detail;
}

export function useTemplate(templateId: string) {
  return useQuery({ queryKey: ['template', templateId], queryFn: () => readTemplate(templateId) });
}
