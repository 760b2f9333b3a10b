import type { Screen } from './screen';

const roles = () => import('../screens/reference/Roles');
const holidays = () => import('../screens/reference/Holidays');
const messageTemplates = () => import('../screens/reference/MessageTemplates');

export const referenceScreens: readonly Screen[] = [
  {
    entrances: ['vendor'],
    path: 'roles',
    menu: '系统设置/角色管理',
    isMenuPage: true,
    texts: ['reference'],
    load: roles,
  },
  {
    entrances: ['vendor'],
    path: 'holidays',
    menu: '系统设置/节假日设置',
    isMenuPage: true,
    texts: ['reference'],
    load: holidays,
  },
  {
    entrances: ['vendor'],
    path: 'message-templates',
    menu: '系统设置/消息模板设置',
    isMenuPage: true,
    texts: ['reference'],
    load: messageTemplates,
  },
  { entrances: ['operator'], path: 'roles', menu: '角色', isMenuPage: true, texts: ['reference'], load: roles },
  { entrances: ['operator'], path: 'holidays', menu: '节假日', isMenuPage: true, texts: ['reference'], load: holidays },
  {
    entrances: ['operator'],
    path: 'message-templates',
    menu: '消息模板',
    isMenuPage: true,
    texts: ['reference'],
    load: messageTemplates,
  },
  {
    entrances: ['operator'],
    path: 'demand-forms',
    menu: '需求模板',
    isMenuPage: true,
    texts: ['reference'],
    load: () => import('../screens/reference/DemandForms'),
  },
];
