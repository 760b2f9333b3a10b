import type { Screen } from './screen';

/** Parties, outbox and status are no menus (G-28 names them all): the account menu and the command palette lead there. */
export const operatorScreens: readonly Screen[] = [
  {
    entrances: ['operator'],
    path: 'relations',
    menu: '商品与服务商关系',
    isMenuPage: true,
    texts: ['operator'],
    load: () => import('../screens/operator/Relations'),
  },
  {
    entrances: ['operator'],
    path: 'template-replacement',
    menu: '商品模板更换',
    isMenuPage: true,
    texts: ['operator', 'reference'],
    load: () => import('../screens/operator/TemplateReplacement'),
  },
  {
    entrances: ['operator'],
    path: 'parties',
    texts: ['operator', 'reference', 'settings'],
    load: () => import('../screens/operator/Parties'),
  },
  {
    entrances: ['operator'],
    path: 'buyers',
    texts: ['operator', 'reference', 'settings'],
    load: () => import('../screens/operator/Buyers'),
  },
  { entrances: ['operator'], path: 'outbox', texts: ['operator'], load: () => import('../screens/operator/Outbox') },
  {
    entrances: ['operator'],
    path: 'status',
    texts: ['operator', 'projects'],
    load: () => import('../screens/operator/Status'),
  },
];
