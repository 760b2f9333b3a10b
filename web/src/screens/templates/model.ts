/**
 * The nodes of a template while they are edited: canvas and list work on this one model. Pure functions; every change
 * makes a new tree, so that it can be undone.
 */

import { canStandInContainer, isBuiltIn, kindOf, type NodeForms } from './forms';
import type { FlowNode } from './node';

/** A node at its place. `parent`: the container it stands in. */
export interface Placed {
  node: FlowNode;
  parent: FlowNode | undefined;
  /** Among its siblings, from 0. */
  index: number;
  siblings: readonly FlowNode[];
}

/** All nodes in the order the flow runs through them; a container comes before its children. */
export function inOrder(nodes: readonly FlowNode[], parent?: FlowNode): Placed[] {
  return nodes.flatMap((node, index) => [
    { node, parent, index, siblings: nodes },
    ...inOrder(node.children ?? [], node),
  ]);
}

export function find(nodes: readonly FlowNode[], id: string | undefined): Placed | undefined {
  return inOrder(nodes).find(({ node }) => node.id === id);
}

/** The tree with the siblings of one level replaced. `parentId` undefined: the top level. */
function withSiblings(
  nodes: readonly FlowNode[],
  parentId: string | undefined,
  change: (siblings: readonly FlowNode[]) => FlowNode[],
): FlowNode[] {
  if (parentId === undefined) {
    return change(nodes);
  }
  return nodes.map((node) => {
    if (node.children === undefined) {
      return node;
    }
    const children = node.id === parentId ? change(node.children) : withSiblings(node.children, parentId, change);
    return { ...node, children };
  });
}

export function replace(nodes: readonly FlowNode[], changed: FlowNode): FlowNode[] {
  const place = find(nodes, changed.id);
  return withSiblings(nodes, place?.parent?.id, (all) => all.map((one) => (one.id === changed.id ? changed : one)));
}

export function remove(nodes: readonly FlowNode[], id: string): FlowNode[] {
  return withSiblings(nodes, find(nodes, id)?.parent?.id, (all) => all.filter((one) => one.id !== id));
}

export function insert(
  nodes: readonly FlowNode[],
  place: { parentId?: string | undefined; index: number },
  node: FlowNode,
): FlowNode[] {
  return withSiblings(nodes, place.parentId, (all) => [...all.slice(0, place.index), node, ...all.slice(place.index)]);
}

/** What can be done with a node where it stands; the built-in first node stays (T-19, T-20). */
export interface Moves {
  up: boolean;
  down: boolean;
  /** Into the container before or, where there is none, after it. */
  into: FlowNode | undefined;
  outOf: boolean;
  remove: boolean;
}

export function movesOf(forms: NodeForms, nodes: readonly FlowNode[], id: string): Moves {
  const place = find(nodes, id);
  if (!place || isBuiltIn(kindOf(forms, place.node.type))) {
    return { up: false, down: false, into: undefined, outOf: false, remove: false };
  }
  const { node, parent, index, siblings } = place;
  const beside = [siblings[index - 1], siblings[index + 1]].find((one) => one?.children !== undefined);
  return {
    up: index > firstPlace(forms, nodes, parent),
    down: index < siblings.length - 1,
    into: canStandInContainer(kindOf(forms, node.type)) && parent === undefined ? beside : undefined,
    outOf: parent !== undefined,
    remove: true,
  };
}

/** The first place nodes can take among their siblings: after the built-in one. */
function firstPlace(forms: NodeForms, nodes: readonly FlowNode[], parent: FlowNode | undefined): number {
  const [first] = nodes;
  return parent === undefined && first && isBuiltIn(kindOf(forms, first.type)) ? 1 : 0;
}

export type Move = 'up' | 'down' | 'into' | 'outOf';

export function move(forms: NodeForms, nodes: readonly FlowNode[], id: string, how: Move): FlowNode[] {
  const place = find(nodes, id);
  const moves = movesOf(forms, nodes, id);
  if (!place || !moves[how]) {
    return [...nodes];
  }
  const { node, parent, index } = place;
  const without = remove(nodes, id);
  if (how === 'into' && moves.into) {
    const before = place.siblings[index - 1] === moves.into;
    return insert(without, { parentId: moves.into.id, index: before ? (moves.into.children?.length ?? 0) : 0 }, node);
  }
  if (how === 'outOf') {
    return insert(without, { index: (find(without, parent?.id)?.index ?? 0) + 1 }, node);
  }
  return insert(without, { parentId: parent?.id, index: index + (how === 'up' ? -1 : 1) }, node);
}

/** Move a node to another place among its siblings; never before the built-in first node. */
export function moveTo(forms: NodeForms, nodes: readonly FlowNode[], id: string, index: number): FlowNode[] {
  const place = find(nodes, id);
  if (!place || isBuiltIn(kindOf(forms, place.node.type))) {
    return [...nodes];
  }
  const target = Math.min(Math.max(index, firstPlace(forms, nodes, place.parent)), place.siblings.length - 1);
  return insert(remove(nodes, id), { parentId: place.parent?.id, index: target }, place.node);
}

/** Where a node is added by preset: after the chosen one, but before the node that ends the flow. */
export function placeAfter(
  forms: NodeForms,
  nodes: readonly FlowNode[],
  id: string | undefined,
): { parentId?: string; index: number } {
  const place = find(nodes, id);
  const end = nodes.at(-1);
  const last = end && kindOf(forms, end.type).place === 'last' ? nodes.length - 1 : nodes.length;
  if (place?.parent) {
    return { parentId: place.parent.id, index: place.index + 1 };
  }
  return { index: place ? Math.min(place.index + 1, Math.max(last, 1)) : last };
}

/** Whether a node of this type stands before the node: 部门优先 needs a claim (T-46). */
export function standsBefore(nodes: readonly FlowNode[], id: string, type: string): boolean {
  const order = inOrder(nodes).map(({ node }) => node);
  const place = order.findIndex((node) => node.id === id);
  return order.slice(0, place).some((node) => node.type === type);
}

/** The provider-side roles that work in the template: receivers of reminders (N-14). */
export function rolesIn(nodes: readonly FlowNode[]): string[] {
  const roles = inOrder(nodes)
    .filter(({ node }) => node.side !== 'customer')
    .map(({ node }) => node.role);
  return [...new Set(roles.filter((role): role is string => typeof role === 'string' && role !== ''))];
}

/** A row with an unset choice cannot be saved (T-90). The first such node, if any. */
export function withIncompleteReminder(nodes: readonly FlowNode[]): FlowNode | undefined {
  return inOrder(nodes).find(({ node }) =>
    node.reminders?.some((row) => !row.receiver || !row.trigger || !row.message_template),
  )?.node;
}
