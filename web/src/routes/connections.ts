import type { Screen } from './screen';

/** 接入 is no menu, as G-18 names them all: `app/beside.ts` leads there. */
export const connectionScreens: readonly Screen[] = [
  { entrances: ['vendor'], path: 'connections', load: () => import('../screens/connections/Connections') },
  {
    entrances: ['vendor'],
    path: 'connections/:connectionId',
    load: () => import('../screens/connections/ConnectionPage'),
  },
  {
    entrances: ['vendor'],
    path: 'connections/:connectionId/notices',
    load: () => import('../screens/connections/Notices'),
  },
  {
    entrances: ['vendor'],
    path: 'connections/:connectionId/reports',
    load: () => import('../screens/connections/Reports'),
  },
];
