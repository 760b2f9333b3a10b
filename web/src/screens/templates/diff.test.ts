import { expect, test } from 'vitest';
import { countKinds, differences } from './diff';
import { FORMS, newNode } from './forms.fixture';
import { insert, move, remove, replace } from './model';

const start = newNode('assign_provider', '分配服务商', 'start');
const box = { ...newNode('container', '制作', 'box'), children: [newNode('general', '设计', 'b')] };
const nodes = [start, newNode('confirm', '确认', 'a'), box, newNode('complete_project', '完成', 'end')];
const kinds = (after: typeof nodes) =>
  differences(nodes, after).map(({ kind, before, after: now }) => `${kind} ${(now ?? before)?.id}`);

test('nothing changed', () => {
  expect(kinds(nodes)).toEqual(['same start', 'same a', 'same box', 'same b', 'same end']);
});

test('added and removed nodes stand where they are or were', () => {
  const after = remove(insert(nodes, { parentId: 'box', index: 1 }, newNode('general', '开发', 'new')), 'a');
  expect(kinds(after)).toEqual(['same start', 'removed a', 'same box', 'same b', 'added new', 'same end']);
  expect(countKinds(differences(nodes, after))).toEqual({ added: 1, removed: 1, changed: 0, moved: 0, same: 4 });
});

test('a changed node names its fields', () => {
  const after = replace(nodes, { ...newNode('confirm', '验收', 'a'), timeout: 2 });
  expect(differences(nodes, after)[1]?.fields).toEqual([
    { field: 'name', before: '确认', after: '验收' },
    { field: 'timeout', before: 0, after: 2 },
  ]);
});

test('the fewest nodes are said to have moved', () => {
  expect(kinds(move(FORMS, nodes, 'b', 'outOf'))).toEqual(['same start', 'same a', 'same box', 'moved b', 'same end']);
  const swapped = kinds(move(FORMS, nodes, 'a', 'down'));
  expect(swapped.filter((one) => one.startsWith('moved'))).toEqual(['moved a']);
});
