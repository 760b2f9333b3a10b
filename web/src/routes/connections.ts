import type { Screen } from './screen';

/** 接入 is no menu, as G-18 and G-28 name them all: `app/beside.ts` leads there. The platform operator only looks. */
export const connectionScreens: readonly Screen[] = [
  { entrances: ['vendor', 'operator'], path: 'connections', load: () => import('../screens/connections/Connections') },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId',
    load: () => import('../screens/connections/ConnectionPage'),
  },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId/notices',
    load: () => import('../screens/connections/Notices'),
  },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId/reports',
    load: () => import('../screens/connections/Reports'),
  },
];
