import { expect, test } from 'vitest';
import { FORMS, newNode } from './forms.fixture';
import * as model from './model';
import type { FlowNode } from './node';

const node = (type: string, id: string, more: Partial<FlowNode> = {}): FlowNode => ({
  ...newNode(type, id, id),
  ...more,
});
const start = node('assign_provider', 'start');
const end = node('complete_project', 'end');
const flow = [
  start,
  node('submit_requirement', 'a'),
  node('container', 'box', { children: [node('general', 'b'), node('confirm', 'c')] }),
  node('general', 'd'),
  end,
];
const ids = (nodes: readonly FlowNode[]) =>
  model
    .inOrder(nodes)
    .map((one) => one.node.id)
    .join(' ');

test('the order of the flow goes through containers', () => {
  expect(ids(flow)).toBe('start a box b c d end');
  expect(model.find(flow, 'c')?.parent?.id).toBe('box');
});

test('T-34: nodes are inserted, replaced and removed at any depth, and the old tree stays', () => {
  expect(ids(model.insert(flow, { index: 1 }, node('confirm', 'x')))).toBe('start x a box b c d end');
  expect(ids(model.insert(flow, { parentId: 'box', index: 1 }, node('confirm', 'x')))).toBe('start a box b x c d end');
  expect(ids(model.remove(flow, 'b'))).toBe('start a box c d end');
  expect(ids(model.remove(flow, 'box'))).toBe('start a d end');
  expect(model.find(model.replace(flow, { ...node('confirm', 'c'), name: '验收' }), 'c')?.node.name).toBe('验收');
  expect(ids(flow)).toBe('start a box b c d end');
});

test('T-19, T-20: the built-in node stays first', () => {
  expect(model.movesOf(FORMS, flow, 'start')).toEqual({
    up: false,
    down: false,
    into: undefined,
    outOf: false,
    remove: false,
  });
  expect(model.movesOf(FORMS, flow, 'a').up).toBe(false);
  expect(ids(model.moveTo(FORMS, flow, 'd', 0))).toBe('start d a box b c end');
  expect(ids(model.moveTo(FORMS, flow, 'start', 3))).toBe('start a box b c d end');
});

test('nodes move among their siblings, into a container beside them and out again', () => {
  expect(ids(model.move(FORMS, flow, 'd', 'up'))).toBe('start a d box b c end');
  expect(ids(model.move(FORMS, flow, 'b', 'down'))).toBe('start a box c b d end');
  expect(model.movesOf(FORMS, flow, 'c').down).toBe(false);
  const into = model.move(FORMS, flow, 'd', 'into');
  expect(ids(into)).toBe('start a box b c d end');
  expect(model.find(into, 'd')?.parent?.id).toBe('box');
  expect(model.find(model.move(FORMS, flow, 'a', 'into'), 'a')?.index).toBe(0);
  expect(ids(model.move(FORMS, flow, 'b', 'outOf'))).toBe('start a box c b d end');
  expect(model.find(model.move(FORMS, flow, 'b', 'outOf'), 'b')?.parent).toBeUndefined();
});

test('T-29: neither a container nor the last node goes into a container', () => {
  expect(model.movesOf(FORMS, [start, node('container', 'x'), end], 'end').into).toBeUndefined();
  expect(model.movesOf(FORMS, [start, node('container', 'x'), node('container', 'y')], 'y').into).toBeUndefined();
});

test('a node is added after the chosen one, but not after the end', () => {
  expect(model.placeAfter(FORMS, flow, 'a')).toEqual({ index: 2 });
  expect(model.placeAfter(FORMS, flow, 'b')).toEqual({ parentId: 'box', index: 1 });
  expect(model.placeAfter(FORMS, flow, 'end')).toEqual({ index: 4 });
  expect(model.placeAfter(FORMS, flow, undefined)).toEqual({ index: 4 });
  expect(model.placeAfter(FORMS, [start], 'start')).toEqual({ index: 1 });
});

test('T-46: 部门优先 needs a claim before', () => {
  const nodes = [start, node('claim_order', 'claim'), node('assign_order', 'assign'), end];
  expect(model.standsBefore(nodes, 'assign', 'claim_order')).toBe(true);
  expect(model.standsBefore(model.move(FORMS, nodes, 'assign', 'up'), 'assign', 'claim_order')).toBe(false);
});

test('T-90: a reminder with an unset choice is found', () => {
  const whole = { receiver: 'customer', trigger: 'entered', message_template: 'm' } as const;
  const nodes = (rows: FlowNode['reminders']) => [
    start,
    node('container', 'box', { children: [node('general', 'b', { reminders: rows ?? [] })] }),
  ];
  expect(model.withIncompleteReminder(nodes([whole]))).toBeUndefined();
  expect(model.withIncompleteReminder(nodes([whole, { ...whole, trigger: null }]))?.id).toBe('b');
});

test('N-14: the roles of the template that work on the provider side', () => {
  expect(
    model.rolesIn([
      start,
      node('assign_order', 'x', { role: 'designer' }),
      node('general', 'y', { side: 'provider', role: 'designer' }),
      node('confirm', 'z', { side: 'customer', role: 'customer' }),
    ]),
  ).toEqual(['designer']);
});
