import type { Screen } from './screen';

/** 待办, where every entrance begins. */
export const firstPage: Screen = {
  entrances: ['vendor', 'provider', 'customer', 'operator'],
  path: 'work',
  isSoon: true,
  texts: ['projects', 'work'],
  load: () => import('../screens/home/Work'),
};

export const overviewScreens: readonly Screen[] = [
  firstPage,
  {
    entrances: ['vendor', 'provider'],
    path: 'dashboard',
    menu: '项目中心/数据看板',
    isMenuPage: true,
    texts: ['dashboard'],
    load: () => import('../screens/dashboard/Dashboard'),
  },
  {
    entrances: ['vendor', 'provider', 'customer', 'operator'],
    path: 'messages',
    texts: ['messages'],
    load: () => import('../screens/messages/Messages'),
  },
];
