/**
 * The nodes of a template while they are edited: canvas and list work on this one model. Pure functions; every change
 * makes a new tree, so that it can be undone.
 */

export const NODE_TYPES = [
  'claim_order',
  'assign_order',
  'submit_requirement',
  'confirm',
  'general',
  'container',
  'complete_project',
] as const;

/** What can be added (T-17), and the built-in first node. */
export type NodeType = (typeof NODE_TYPES)[number] | 'assign_provider';

export type Trigger = 'entered' | 'rejected' | 'passed_on' | 'overdue';

export interface Reminder {
  receiver: string | null;
  trigger: Trigger | null;
  message_template: string | null;
}

/** A node as the API has it; which fields it has depends on its type. The API leaves them open, so they stand here. */
export interface FlowNode {
  id: string;
  type: NodeType;
  name: string;
  role?: string | null;
  rule?: 'provider_first' | 'department_first' | null;
  form?: string | null;
  side?: 'provider' | 'customer' | null;
  submit_button?: string | null;
  view_button?: string | null;
  upload?: boolean;
  upload_button?: string | null;
  confirm_button?: string | null;
  rejectable?: boolean;
  reject_button?: string | null;
  /** Working days; 0 or null = none. */
  timeout?: number | string | null;
  advance_on_timeout?: boolean;
  reminders?: Reminder[];
  children?: FlowNode[];
}

/** A node at its place. `parent`: the container it stands in. */
export interface Placed {
  node: FlowNode;
  parent: FlowNode | undefined;
  /** Among its siblings, from 0. */
  index: number;
  siblings: readonly FlowNode[];
}

const PRESETS: Record<NodeType, () => Partial<FlowNode>> = {
  assign_provider: () => ({ reminders: [] }),
  claim_order: () => ({ role: 'account_manager', timeout: 0, reminders: [] }),
  assign_order: () => ({ role: null, rule: 'provider_first', reminders: [] }),
  submit_requirement: () => ({
    form: null,
    submit_button: '提交需求',
    view_button: '查看需求',
    timeout: 0,
    reminders: [],
  }),
  confirm: () => ({
    side: null,
    role: null,
    confirm_button: '确认',
    rejectable: false,
    reject_button: null,
    timeout: 0,
    advance_on_timeout: false,
    reminders: [],
  }),
  general: () => ({
    side: null,
    role: null,
    upload: false,
    upload_button: '上传内容',
    view_button: '查看内容',
    confirm_button: '确认',
    timeout: 0,
    reminders: [],
  }),
  container: () => ({ children: [] }),
  complete_project: () => ({
    confirm_button: '确认',
    rejectable: false,
    reject_button: null,
    timeout: 0,
    advance_on_timeout: false,
    reminders: [],
  }),
};

/** A node as it stands in a new form: the values preset by the manual (T-37, T-47, T-52, T-75). */
export function newNode(type: NodeType, name: string, id: string = crypto.randomUUID()): FlowNode {
  return { id, type, name, ...PRESETS[type]() };
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

export function movesOf(nodes: readonly FlowNode[], id: string): Moves {
  const place = find(nodes, id);
  if (!place || place.node.type === 'assign_provider') {
    return { up: false, down: false, into: undefined, outOf: false, remove: false };
  }
  const { node, parent, index, siblings } = place;
  const first = parent === undefined && siblings[0]?.type === 'assign_provider' ? 1 : 0;
  const beside = [siblings[index - 1], siblings[index + 1]].find((one) => one?.type === 'container');
  return {
    up: index > first,
    down: index < siblings.length - 1,
    into: canStandIn(node.type) && parent === undefined ? beside : undefined,
    outOf: parent !== undefined,
    remove: true,
  };
}

/** Whether a container may hold nodes of this type (T-29). */
export function canStandIn(type: NodeType): boolean {
  return type !== 'container' && type !== 'complete_project' && type !== 'assign_provider';
}

export type Move = 'up' | 'down' | 'into' | 'outOf';

export function move(nodes: readonly FlowNode[], id: string, how: Move): FlowNode[] {
  const place = find(nodes, id);
  const moves = movesOf(nodes, id);
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
export function moveTo(nodes: readonly FlowNode[], id: string, index: number): FlowNode[] {
  const place = find(nodes, id);
  if (!place || place.node.type === 'assign_provider') {
    return [...nodes];
  }
  const first = place.parent === undefined && nodes[0]?.type === 'assign_provider' ? 1 : 0;
  const target = Math.min(Math.max(index, first), place.siblings.length - 1);
  return insert(remove(nodes, id), { parentId: place.parent?.id, index: target }, place.node);
}

/** Where a node is added by preset: after the chosen one, but before the complete-project node that ends the flow. */
export function placeAfter(nodes: readonly FlowNode[], id: string | undefined): { parentId?: string; index: number } {
  const place = find(nodes, id);
  const last = nodes.at(-1)?.type === 'complete_project' ? nodes.length - 1 : nodes.length;
  if (place?.parent) {
    return { parentId: place.parent.id, index: place.index + 1 };
  }
  return { index: place ? Math.min(place.index + 1, Math.max(last, 1)) : last };
}

/** Timeouts above 0 count; the field may hold text while it is typed. */
export function hasTimeout(node: FlowNode): boolean {
  return Number(node.timeout ?? 0) > 0;
}

/** The triggers that can happen at a node (T-91, T-95). */
export function triggersOf(node: FlowNode): Trigger[] {
  return [
    'entered',
    ...(node.rejectable ? (['rejected'] as const) : []),
    'passed_on',
    ...(hasTimeout(node) ? (['overdue'] as const) : []),
  ];
}

/** Whether a claim-order node stands before the node, which 部门优先 needs (T-46). */
export function isClaimedBefore(nodes: readonly FlowNode[], id: string): boolean {
  const order = inOrder(nodes).map(({ node }) => node);
  const place = order.findIndex((node) => node.id === id);
  return order.slice(0, place).some((node) => node.type === 'claim_order');
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

/** Days with at most one decimal (T-83, T-84). */
export function isTimeout(value: FlowNode['timeout']): boolean {
  return value === null || value === undefined || value === '' || /^\d{1,3}(\.\d)?$/.test(String(value).trim());
}
