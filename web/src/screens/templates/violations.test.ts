import { expect, test } from 'vitest';
import { ApiError } from '../../api/problem';
import { newNode } from './forms.fixture';
import { countByNode, stillThere, textThere, violationsOf } from './violations';

const nodes = [
  newNode('assign_provider', '分配服务商节点', 'start'),
  { ...newNode('container', '制作', 'box'), children: [newNode('general', '设计', 'b')] },
];
const refused = (errors: object[]) =>
  new ApiError(422, 'template-incomplete', { zh: '', en: '' }, { errors: errors as never });

test('T-98: violations of publishing stand at their nodes', () => {
  const one = { node_id: 'b', field: 'role', code: 'required', zh: '请填写选择角色', en: 'the role is required' };
  const whole = { node_id: null, field: null, code: 'last_not_complete_project', zh: '最后', en: 'last' };
  const found = violationsOf(refused([{ ...one, message: one.zh }, whole]), nodes);
  expect(found).toEqual([{ ...one, message: one.zh }, whole]);
  expect(countByNode([...found, found[0] ?? whole])).toEqual(new Map([['b', 2]]));
});

test('refusals of saving are found by their place in the tree', () => {
  const found = violationsOf(refused([{ field: 'nodes.1.children.0.timeout', message: 'Days' }]), nodes);
  expect(found).toEqual([{ node_id: 'b', field: 'timeout', code: 'invalid', zh: 'Days', en: 'Days' }]);
  expect(violationsOf(refused([{ field: 'name', message: 'x' }]), nodes)[0]?.node_id).toBeNull();
});

test('problems of a deleted node are gone', () => {
  const gone = { node_id: 'gone', field: null, code: 'c', zh: '', en: '' };
  expect(stillThere([gone, { ...gone, node_id: 'b' }, { ...gone, node_id: null }], nodes)).toHaveLength(2);
});

test('C-16: they stand in the order of the flow, and at their field they do not name the node again', () => {
  const at = (node_id: string | null) => ({ node_id, field: 'name', code: 'c', zh: '节点“甲”：请选择角色', en: '' });
  const found = violationsOf(
    refused([at(null), at('b'), at('start'), at('box')].map((one) => ({ ...one, message: '' }))),
    nodes,
  );
  expect(found.map(({ node_id }) => node_id)).toEqual(['start', 'box', 'b', null]);
  expect(textThere(at('b'), 'zh')).toBe('请选择角色');
  expect(textThere({ ...at('b'), en: 'Node “设计”: the role is required' }, 'en')).toBe('the role is required');
});
