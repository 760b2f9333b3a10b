import type { Screen } from './screen';

export const overviewScreens: readonly Screen[] = [
  {
    entrances: ['vendor', 'provider', 'customer', 'operator'],
    path: 'work',
    isSoon: true,
    load: () => import('../screens/home/Work'),
  },
  {
    entrances: ['vendor', 'provider'],
    path: 'dashboard',
    menu: '项目中心/数据看板',
    isMenuPage: true,
    load: () => import('../screens/dashboard/Dashboard'),
  },
  {
    entrances: ['vendor', 'provider', 'customer', 'operator'],
    path: 'messages',
    load: () => import('../screens/messages/Messages'),
  },
];
