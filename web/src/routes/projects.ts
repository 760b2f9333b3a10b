import type { Screen } from './screen';

const purchased = () => import('../screens/projects/PurchasedServices');

/** Projects and the page of one, which people open from where they begin. */
export const projectList = {
  isSoon: true,
  texts: ['projects'],
  load: () => import('../screens/projects/ProjectList'),
} satisfies Partial<Screen>;
export const projectPage = {
  texts: ['projects'],
  load: () => import('../screens/projects/ProjectDetails'),
} satisfies Partial<Screen>;

export const projectScreens: readonly Screen[] = [
  {
    entrances: ['vendor', 'provider'],
    path: 'projects',
    menu: '项目中心/项目管理',
    isMenuPage: true,
    ...projectList,
  },
  {
    entrances: ['vendor', 'provider'],
    path: 'projects/:projectId',
    menu: '项目中心/项目管理',
    ...projectPage,
  },
  {
    entrances: ['operator'],
    path: 'projects',
    menu: '项目',
    isMenuPage: true,
    ...projectList,
  },
  { entrances: ['operator'], path: 'projects/:projectId', menu: '项目', ...projectPage },
  {
    entrances: ['provider'],
    path: 'my-projects/:projectId',
    menu: '项目中心/我的项目',
    ...projectPage,
  },
  {
    entrances: ['vendor', 'provider', 'customer'],
    path: 'purchased-services',
    menu: '已购服务/已购服务',
    isMenuPage: true,
    texts: ['projects', 'work'],
    load: purchased,
  },
  {
    entrances: ['vendor', 'provider', 'customer'],
    path: 'purchased-services/:projectId',
    menu: '已购服务/已购服务',
    ...projectPage,
  },
];
