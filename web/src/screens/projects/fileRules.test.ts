import { expect, test } from 'vitest';
import { acceptOf, faultOf, groupsOf } from './fileRules';

const RULES = {
  limit: 50 * 1024 * 1024,
  types: [
    { extension: 'png', group: 'image' },
    { extension: 'pdf', group: 'document' },
    { extension: 'jpg', group: 'image' },
  ],
};

test('C-10: what the server would refuse is known before it is sent, with file type and limit', () => {
  const fault = (name: string, size: number) => faultOf(RULES, { name, size });
  expect(fault('首页.PNG', 9)).toBeUndefined();
  expect(fault('安装.exe', 9)).toEqual({ why: 'type', extension: '.exe', limit: 50 });
  expect(fault('无扩展名', 9)).toEqual({ why: 'type', extension: '', limit: 50 });
  expect(fault('录像.pdf', 120 * 1024 * 1024)).toEqual({ why: 'large', size: 120, limit: 50 });
  expect(fault('空.pdf', 0)).toEqual({ why: 'empty' });
  expect(faultOf(undefined, { name: 'x.exe', size: 0 })).toBeUndefined();
});

test('the picker offers the types that are taken, the hint names them by group', () => {
  expect(acceptOf(RULES)).toBe('.png,.pdf,.jpg');
  expect(groupsOf(RULES)).toEqual([
    ['image', ['png', 'jpg']],
    ['document', ['pdf']],
  ]);
});
