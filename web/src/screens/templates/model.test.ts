import { expect, test } from 'vitest';
import * as model from './model';
import { type FlowNode, newNode } from './model';

const node = (type: FlowNode['type'], id: string, more: Partial<FlowNode> = {}): FlowNode => ({
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
  expect(model.movesOf(flow, 'start')).toEqual({
    up: false,
    down: false,
    into: undefined,
    outOf: false,
    remove: false,
  });
  expect(model.movesOf(flow, 'a').up).toBe(false);
  expect(ids(model.moveTo(flow, 'd', 0))).toBe('start d a box b c end');
  expect(ids(model.moveTo(flow, 'start', 3))).toBe('start a box b c d end');
});

test('nodes move among their siblings, into a container beside them and out again', () => {
  expect(ids(model.move(flow, 'd', 'up'))).toBe('start a d box b c end');
  expect(ids(model.move(flow, 'b', 'down'))).toBe('start a box c b d end');
  expect(model.movesOf(flow, 'c').down).toBe(false);
  const into = model.move(flow, 'd', 'into');
  expect(ids(into)).toBe('start a box b c d end');
  expect(model.find(into, 'd')?.parent?.id).toBe('box');
  expect(model.find(model.move(flow, 'a', 'into'), 'a')?.index).toBe(0);
  expect(ids(model.move(flow, 'b', 'outOf'))).toBe('start a box c b d end');
  expect(model.find(model.move(flow, 'b', 'outOf'), 'b')?.parent).toBeUndefined();
});

test('T-29: neither a container nor the last node goes into a container', () => {
  expect(model.movesOf([start, node('container', 'x'), end], 'end').into).toBeUndefined();
  expect(model.movesOf([start, node('container', 'x'), node('container', 'y')], 'y').into).toBeUndefined();
});

test('a node is added after the chosen one, but not after the end', () => {
  expect(model.placeAfter(flow, 'a')).toEqual({ index: 2 });
  expect(model.placeAfter(flow, 'b')).toEqual({ parentId: 'box', index: 1 });
  expect(model.placeAfter(flow, 'end')).toEqual({ index: 4 });
  expect(model.placeAfter(flow, undefined)).toEqual({ index: 4 });
  expect(model.placeAfter([start], 'start')).toEqual({ index: 1 });
});

test('T-37, T-47, T-52, T-75: presets', () => {
  expect(newNode('claim_order', '认领').role).toBe('account_manager');
  expect(newNode('assign_order', '分单').rule).toBe('provider_first');
  const requirement = newNode('submit_requirement', '需求');
  expect([requirement.submit_button, requirement.view_button]).toEqual(['提交需求', '查看需求']);
  const general = newNode('general', '制作');
  expect([general.upload_button, general.view_button, general.confirm_button]).toEqual([
    '上传内容',
    '查看内容',
    '确认',
  ]);
});

test('T-91, T-95: only what can happen is offered as a trigger', () => {
  expect(model.triggersOf(node('confirm', 'x'))).toEqual(['entered', 'passed_on']);
  expect(model.triggersOf(node('confirm', 'x', { rejectable: true, timeout: '0.5' }))).toEqual([
    'entered',
    'rejected',
    'passed_on',
    'overdue',
  ]);
});

test('T-46: 部门优先 needs a claim before', () => {
  const nodes = [start, node('claim_order', 'claim'), node('assign_order', 'assign'), end];
  expect(model.isClaimedBefore(nodes, 'assign')).toBe(true);
  expect(model.isClaimedBefore(model.move(nodes, 'assign', 'up'), 'assign')).toBe(false);
});

test('T-83, T-84: days with at most one decimal, empty for none', () => {
  for (const [value, valid] of [
    ['0.5', true],
    [2, true],
    ['2.0', true],
    ['', true],
    [null, true],
    [0, true],
    ['0.55', false],
    ['-1', false],
    ['一天', false],
    [1000, false],
  ] as const) {
    expect([value, model.isTimeout(value)]).toEqual([value, valid]);
  }
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
