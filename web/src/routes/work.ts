import type { Screen } from './screen';

const queue = () => import('../screens/work/Queue');

/** What waits for somebody: one's own projects, orders to claim, queues, and how much each person takes on. */
export const workScreens: readonly Screen[] = [
  {
    entrances: ['provider'],
    path: 'my-projects',
    menu: '项目中心/我的项目',
    isMenuPage: true,
    texts: ['projects', 'work'],
    load: () => import('../screens/work/MyProjects'),
  },
  {
    entrances: ['provider'],
    path: 'claims',
    menu: '项目中心/订单认领',
    isMenuPage: true,
    texts: ['projects', 'work'],
    load: () => import('../screens/work/Claims'),
  },
  {
    entrances: ['vendor', 'provider'],
    path: 'queue',
    menu: '项目中心/排队情况',
    isMenuPage: true,
    texts: ['projects', 'work'],
    load: queue,
  },
  {
    entrances: ['provider'],
    path: 'loads',
    menu: '系统设置/持单量设置',
    isMenuPage: true,
    texts: ['work'],
    load: () => import('../screens/work/Loads'),
  },
];
