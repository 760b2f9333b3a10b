/** What a revision changes, node by node and field by field, for the two sides to stand beside each other. */
import { inOrder } from './model';
import type { FlowNode } from './node';

export type Kind = 'added' | 'removed' | 'changed' | 'moved' | 'same';

export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

export interface NodeChange {
  kind: Kind;
  before: FlowNode | undefined;
  after: FlowNode | undefined;
  fields: FieldChange[];
}

/** The nodes of both sides in the order of the revision, removed ones where they stood. */
export function differences(before: readonly FlowNode[], after: readonly FlowNode[]): NodeChange[] {
  const old = inOrder(before);
  const now = inOrder(after);
  const oldById = new Map(old.map((one) => [one.node.id, one]));
  const nowIds = new Set(now.map(({ node }) => node.id));
  const stayed = longestCommon(
    old.map(keyOf).filter((_, place) => nowIds.has(old[place]?.node.id ?? '')),
    now.map(keyOf).filter((_, place) => oldById.has(now[place]?.node.id ?? '')),
  );
  const changes: NodeChange[] = now.map((one) => {
    const was = oldById.get(one.node.id);
    if (!was) {
      return { kind: 'added', before: undefined, after: one.node, fields: [] };
    }
    const fields = fieldChanges(was.node, one.node);
    const kind = fields.length > 0 ? 'changed' : stayed.has(keyOf(one)) ? 'same' : 'moved';
    return { kind, before: was.node, after: one.node, fields };
  });
  for (const [place, { node }] of old.entries()) {
    if (!nowIds.has(node.id)) {
      const previous = old[place - 1]?.node.id;
      const at = changes.findIndex((one) => one.before?.id === previous) + 1;
      changes.splice(at, 0, { kind: 'removed', before: node, after: undefined, fields: [] });
    }
  }
  return changes;
}

/** A node that goes into another container has moved as well. */
function keyOf({ node, parent }: { node: FlowNode; parent: FlowNode | undefined }): string {
  return `${parent?.id ?? ''}/${node.id}`;
}

function fieldChanges(before: FlowNode, after: FlowNode): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => name !== 'children');
  return names
    .map((field) => ({ field, before: before[field as keyof FlowNode], after: after[field as keyof FlowNode] }))
    .filter((one) => JSON.stringify(one.before ?? null) !== JSON.stringify(one.after ?? null));
}

/** What stands in the same order on both sides; the fewest possible are left to have moved. */
function longestCommon(one: readonly string[], other: readonly string[]): Set<string> {
  const table = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  const at = (row: number, column: number) => table[row]?.[column] ?? 0;
  for (let row = one.length - 1; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      const line = table[row];
      if (line) {
        line[column] =
          one[row] === other[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      }
    }
  }
  const common = new Set<string>();
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    if (one[row] === other[column]) {
      common.add(one[row] ?? '');
      row++;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      row++;
    } else {
      column++;
    }
  }
  return common;
}

export function countKinds(changes: readonly NodeChange[]): Record<Kind, number> {
  const counts: Record<Kind, number> = { added: 0, removed: 0, changed: 0, moved: 0, same: 0 };
  for (const { kind } of changes) {
    counts[kind]++;
  }
  return counts;
}
