import type { Screen } from './screen';

const list = () => import('../screens/projects/ProjectList');

export const projectScreens: readonly Screen[] = [
  { entrances: ['vendor', 'provider'], path: 'projects', menu: '项目中心/项目管理', isMenuPage: true, load: list },
  { entrances: ['operator'], path: 'projects', menu: '项目', isMenuPage: true, load: list },
];
