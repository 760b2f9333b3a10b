// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { inEnglish } from './said';

test.each([
  ['等待客户处理', 'waiting for the customer'],
  ['等待高级设计师处理', 'waiting for Senior designer'],
  ['等待客户经理认领', 'waiting for Account manager to claim it'],
  ['进入需求确认', 'entered 需求确认'],
  ['需求确认已完成', '需求确认 completed'],
  ['李四 设计师', '李四 Designer'],
  ['客户甲乙丙 顾客', '客户甲乙丙 Customer'],
  ['服务商由河北服务商更换为北京服务商', 'provider changed from 河北服务商 to 北京服务商'],
  ['系统', 'System'],
])('%s', (chinese, english) => {
  expect(inEnglish(chinese)).toBe(english);
});

test('names that people gave stay as they are', () => {
  expect(inEnglish('甲 公司')).toBe('甲 公司');
  expect(inEnglish('自定义角色')).toBe('自定义角色');
  expect(inEnglish('')).toBe('');
});
