import type { Screen } from './screen';

const MENU = '模板中心/服务流程模板';
const list = () => import('../screens/templates/TemplateList');
const page = () => import('../screens/templates/TemplatePage');
const designer = () => import('../screens/templates/Designer');

export const templateScreens: readonly Screen[] = [
  { entrances: ['vendor'], path: 'templates', menu: MENU, isMenuPage: true, texts: ['templates'], load: list },
  { entrances: ['vendor'], path: 'templates/:templateId', menu: MENU, texts: ['templates'], load: page },
  { entrances: ['vendor'], path: 'templates/:templateId/edit', menu: MENU, texts: ['templates'], load: designer },
  { entrances: ['operator'], path: 'templates', menu: '公共模板', isMenuPage: true, texts: ['templates'], load: list },
  { entrances: ['operator'], path: 'templates/:templateId', menu: '公共模板', texts: ['templates'], load: page },
  {
    entrances: ['operator'],
    path: 'templates/:templateId/edit',
    menu: '公共模板',
    texts: ['templates'],
    load: designer,
  },
  {
    entrances: ['operator'],
    path: 'reviews',
    menu: '模板审核',
    isMenuPage: true,
    texts: ['templates'],
    load: () => import('../screens/templates/ReviewList'),
  },
  {
    entrances: ['operator'],
    path: 'reviews/:templateId',
    menu: '模板审核',
    texts: ['templates'],
    load: () => import('../screens/templates/Review'),
  },
];
