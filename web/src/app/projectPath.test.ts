import { expect, test } from 'vitest';
import { projectPath } from './projectPath';

const entrance = (key: 'vendor' | 'provider' | 'customer' | 'operator', menus: [string, string[]][]) => ({
  entrance: key,
  name: '',
  menus: menus.map(([name, items]) => ({ name, items })),
});

test('an admin opens a project from 项目管理, an employee from 我的项目, a customer from 已购服务', () => {
  const admin = entrance('provider', [['项目中心', ['项目管理', '我的项目']]]);
  expect(projectPath(admin, '1')).toBe('/provider/projects/1');
  expect(projectPath(entrance('provider', [['项目中心', ['我的项目']]]), '1')).toBe('/provider/my-projects/1');
  expect(projectPath(entrance('customer', [['已购服务', ['已购服务']]]), '1')).toBe('/customer/purchased-services/1');
  expect(projectPath(entrance('operator', [['项目', []]]), '1')).toBe('/operator/projects/1');
  expect(projectPath(entrance('vendor', []), '1')).toBeUndefined();
});
