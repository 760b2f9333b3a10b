import { expect, test } from 'vitest';
import { hasMenu, homeOf, menuTree } from './menus';

const PROVIDER = {
  entrance: 'provider',
  name: '服务商入口',
  menus: [
    { name: '项目中心', items: ['项目管理', '我的项目'] },
    { name: '系统设置', items: ['个人信息', '用户管理'] },
  ],
};
const OPERATOR = {
  entrance: 'operator',
  name: '云市场小二',
  menus: [
    { name: '公共模板', items: [] },
    { name: '项目', items: [] },
  ],
};

test('menus keep the names and the order of the server, and lead to screens', () => {
  const [projects, settings] = menuTree(PROVIDER, 'zh');
  expect(projects?.items.map(({ label }) => label)).toEqual(['项目管理', '我的项目']);
  expect(projects?.items[0]?.path).toBe('/provider/projects');
  expect(settings?.items[1]?.path).toBe('/provider/users');
  expect(menuTree(PROVIDER, 'en')[1]?.label).toBe('Settings');
});

test('only what is in the tree is open', () => {
  expect(hasMenu(PROVIDER, '系统设置/用户管理')).toBe(true);
  expect(hasMenu(PROVIDER, '系统设置/角色管理')).toBe(false);
  expect(hasMenu(OPERATOR, '项目')).toBe(true);
});

test('an entrance begins at what waits for whoever comes', () => {
  expect(homeOf(PROVIDER)).toBe('/provider/work');
  expect(homeOf(OPERATOR)).toBe('/operator/work');
});
