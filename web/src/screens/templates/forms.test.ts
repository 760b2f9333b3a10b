import { expect, test } from 'vitest';
import {
  canStandInContainer,
  changed,
  differing,
  isOpen,
  isRight,
  kindOf,
  newNode as makeNode,
  shownFields,
  triggersOf,
  worded,
  wrongField,
} from './forms';
import { FORMS, newNode } from './forms.fixture';

const confirm = kindOf(FORMS, 'confirm');
const fieldOf = (name: string) => {
  const found = confirm.fields.find((field) => field.name === name);
  if (!found) {
    throw new Error(name);
  }
  return found;
};
const shown = (node: ReturnType<typeof newNode>) => shownFields(confirm, node).map(({ name }) => name);

test('T-37: a new node has what its kind presets, and lists of its own', () => {
  const [one, other] = [newNode('claim_order', '认领', 'a'), newNode('claim_order', '认领', 'b')];
  expect(one).toEqual({
    id: 'a',
    type: 'claim_order',
    name: '认领',
    role: 'account_manager',
    timeout: 0,
    reminders: [],
  });
  expect(one.reminders).not.toBe(other.reminders);
});

test('C-50: a side that is preset brings its role along', () => {
  const sided = { ...confirm, fields: confirm.fields.map((one) => ({ ...one })) };
  for (const one of sided.fields) {
    one.preset = one.name === 'side' ? 'customer' : one.preset;
  }
  expect(makeNode(sided, '确认', 'a')).toMatchObject({ side: 'customer', role: 'customer' });
});

test('a kind this console does not know has its type as name, and no fields', () => {
  expect(worded(kindOf(FORMS, 'later').name, 'en')).toBe('later');
  expect(newNode('later', '以后', 'a')).toEqual({ id: 'a', type: 'later', name: '以后' });
});

test('T-62: a field stands there only with its switch', () => {
  const node = newNode('confirm', '确认');
  expect(shown(node)).not.toContain('reject_button');
  expect(shown({ ...node, rejectable: true })).toContain('reject_button');
});

test('T-59: the side decides on the role', () => {
  const node = newNode('confirm', '确认');
  expect(isOpen(confirm, node, fieldOf('role'))).toBe(false);
  const customers = changed(confirm, node, { side: 'customer' });
  expect([customers.role, isOpen(confirm, customers, fieldOf('role'))]).toEqual(['customer', true]);
  expect(differing(node, customers)).toEqual(['side', 'role']);
  expect(changed(confirm, customers, { side: 'provider' }).role).toBeNull();
  expect(changed(confirm, customers, { role: 'buyer' }).role).toBe('buyer');
});

test('T-67: without a timeout nothing advances on it', () => {
  const node = { ...newNode('confirm', '确认'), timeout: '0.5' };
  expect(isOpen(confirm, node, fieldOf('advance_on_timeout'))).toBe(true);
  const advancing = changed(confirm, node, { advance_on_timeout: true });
  expect(advancing.advance_on_timeout).toBe(true);
  for (const timeout of ['0', '', null, '0.0', 'x']) {
    expect(changed(confirm, advancing, { timeout }).advance_on_timeout).toBe(false);
  }
});

test('T-91, T-95: only what can happen is offered as a trigger', () => {
  const values = (more: object) => triggersOf(FORMS, { ...newNode('confirm', 'x'), ...more }).map(({ value }) => value);
  expect(values({})).toEqual(['entered', 'passed_on']);
  expect(values({ rejectable: true, timeout: '0.5' })).toEqual(['entered', 'rejected', 'passed_on', 'overdue']);
});

test('T-83, T-84: days with at most one decimal, empty for none', () => {
  for (const [value, valid] of [
    ['0.5', true],
    [2, true],
    ['2.0', true],
    ['', true],
    [null, true],
    [0, true],
    [' 1.5 ', true],
    ['0.55', false],
    ['-1', false],
    ['一天', false],
    [1000, false],
  ] as const) {
    expect([value, isRight(fieldOf('timeout'), value)]).toEqual([value, valid]);
  }
  expect(wrongField(confirm, { ...newNode('confirm', 'x'), timeout: '1000' })?.name).toBe('timeout');
  expect(wrongField(confirm, newNode('confirm', 'x'))).toBeUndefined();
});

test('T-29: a container holds what may stand anywhere', () => {
  const inside = FORMS.kinds.filter(canStandInContainer).map(({ type }) => type);
  expect(inside).toEqual(['claim_order', 'assign_order', 'submit_requirement', 'confirm', 'general']);
});
