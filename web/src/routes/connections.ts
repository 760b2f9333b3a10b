import type { Screen } from './screen';

/** 接入 is no menu, as G-18 and G-28 name them all: `app/beside.ts` leads there. The platform operator only looks. */
export const connectionScreens: readonly Screen[] = [
  {
    entrances: ['vendor', 'operator'],
    path: 'connections',
    texts: ['connections'],
    load: () => import('../screens/connections/Connections'),
  },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId',
    texts: ['connections', 'reference', 'settings'],
    load: () => import('../screens/connections/ConnectionPage'),
  },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId/notices',
    texts: ['connections', 'reference', 'settings'],
    load: () => import('../screens/connections/Notices'),
  },
  {
    entrances: ['vendor', 'operator'],
    path: 'connections/:connectionId/reports',
    texts: ['connections', 'reference', 'settings'],
    load: () => import('../screens/connections/Reports'),
  },
];
