/** What stands against publishing, and warnings: which node and field they belong to. */
import type { ApiError, Language, Schema } from '../../api';
import { inOrder } from './model';
import type { FlowNode } from './node';

/** As the API lists them; `node_id` is null where the whole flow is meant. */
export type Violation = Omit<Schema<'TemplateWarningEntry'>, 'node_id' | 'field'> & {
  node_id: string | null;
  field: string | null;
};

/** Refusals of saving name fields by their place (`nodes.2.children.0.name`); those of publishing name nodes. */
export function violationsOf(error: ApiError, nodes: readonly FlowNode[]): Violation[] {
  const found = error.fields.map((one) => {
    const found = one as Partial<Violation> & typeof one;
    if ('node_id' in found) {
      return found as Violation;
    }
    const { node, field } = atPath(nodes, found.field ?? '');
    return { node_id: node?.id ?? null, field, code: 'invalid', zh: found.message, en: found.message };
  });
  return inFlowOrder(found, nodes);
}

/** The order in which the flow runs through the nodes; what is about the whole flow comes last. */
export function inFlowOrder(found: readonly Violation[], nodes: readonly FlowNode[]): Violation[] {
  const places = new Map(inOrder(nodes).map(({ node }, place) => [node.id, place]));
  const placeOf = ({ node_id }: Violation) => places.get(node_id ?? '') ?? places.size;
  return found.toSorted((one, other) => placeOf(one) - placeOf(other));
}

function atPath(nodes: readonly FlowNode[], path: string): { node: FlowNode | undefined; field: string | null } {
  const parts = path.split('.');
  let level: readonly FlowNode[] | undefined = nodes;
  let node: FlowNode | undefined;
  while (level && (parts[0] === 'nodes' || parts[0] === 'children') && parts[1] !== undefined) {
    node = level[Number(parts[1])];
    level = node?.children;
    parts.splice(0, 2);
  }
  return { node, field: parts.join('.') || null };
}

export function textOf(violation: Violation, language: Language): string {
  return language === 'zh' ? violation.zh : violation.en;
}

/** The same at the node or field it is about, which need not be named again. */
export function textThere(violation: Violation, language: Language): string {
  return textOf(violation, language).replace(/^(节点“[^”]*”：|Node “[^”]*”: )/, '');
}

/** How many problems each node has. */
export function countByNode(violations: readonly Violation[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node_id } of violations) {
    if (node_id) {
      counts.set(node_id, (counts.get(node_id) ?? 0) + 1);
    }
  }
  return counts;
}

/** Those whose node is still there. */
export function stillThere(violations: readonly Violation[], nodes: readonly FlowNode[]): Violation[] {
  const ids = new Set(inOrder(nodes).map(({ node }) => node.id));
  return violations.filter(({ node_id }) => !node_id || ids.has(node_id));
}
