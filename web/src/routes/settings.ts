import type { Screen } from './screen';

export const settingsScreens: readonly Screen[] = [
  {
    entrances: ['vendor', 'provider', 'customer'],
    path: 'profile',
    menu: '系统设置/个人信息',
    isMenuPage: true,
    load: () => import('../screens/settings/Profile'),
  },
  { entrances: ['operator'], path: 'profile', load: () => import('../screens/settings/Profile') },
  {
    entrances: ['vendor', 'provider'],
    path: 'users',
    menu: '系统设置/用户管理',
    isMenuPage: true,
    load: () => import('../screens/settings/Users'),
  },
];
