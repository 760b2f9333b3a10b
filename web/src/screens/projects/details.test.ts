// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { toLookAt } from './Confirmed';
import { nextOf, type Step } from './details';

const node = (id: string, more: object = {}) => ({ node: id, name: id, files: [], events: [], ...more });
const steps = [
  node('提交需求', { requirement: { data: {} } }),
  { ...node('制作'), children: [node('首页', { files: [{ file_id: 'f' }] }), node('内页')] },
  node('确认', { files: [] }),
  node('完成项目'),
] as unknown as Step[];
const at = (id: string, ...operations: string[]) =>
  ({ steps, current: { node: id, operations: operations.map((operation) => ({ operation })) } }) as never;

test('the node after the open one is named, also out of a container; the last has none', () => {
  expect(nextOf(at('提交需求'))).toBe('首页');
  expect(nextOf(at('首页'))).toBe('内页');
  expect(nextOf(at('内页'))).toBe('确认');
  expect(nextOf(at('完成项目'))).toBeUndefined();
});

test('who confirms sees what came before, the latest first; who only uploads sees his own files', () => {
  expect(toLookAt(at('确认', 'confirmation')).before.map((one) => one.node)).toEqual(['首页', '提交需求']);
  expect(toLookAt(at('内页', 'upload'))).toEqual({ own: undefined, before: [] });
  expect(toLookAt(at('首页', 'upload')).own?.node).toBe('首页');
});
