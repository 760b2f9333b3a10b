import type { Screen } from './screen';

/** 访问密钥 is no menu, as G-18 names them all: `app/beside.ts` leads there. */
export const settingsScreens: readonly Screen[] = [
  {
    entrances: ['vendor', 'provider', 'customer'],
    path: 'profile',
    menu: '系统设置/个人信息',
    isMenuPage: true,
    texts: [],
    load: () => import('../screens/settings/Profile'),
  },
  { entrances: ['operator'], path: 'profile', texts: [], load: () => import('../screens/settings/Profile') },
  {
    entrances: ['vendor', 'provider'],
    path: 'users',
    menu: '系统设置/用户管理',
    isMenuPage: true,
    texts: ['settings', 'work'],
    load: () => import('../screens/settings/Users'),
  },
  {
    entrances: ['vendor'],
    path: 'access-keys',
    texts: ['reference', 'settings'],
    load: () => import('../screens/settings/AccessKeys'),
  },
];
