/** How much waits behind a menu, and that new work has come: told in the menu and by a message, wherever one is. */
import { useQueries } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../api';
import type { Entrance } from '../session/session';

/** The last parts of menu keys; their query keys begin so that the stream of changes finds them (`isTouched`). */
const COUNTED = {
  我的项目: {
    key: 'my-projects',
    read: () => answer(api.GET('/api/v1/my-projects', { params: { query: { view: 'pending', limit: 1 } } })),
  },
  排队情况: {
    key: 'queue',
    read: (side: 'vendor' | 'provider') =>
      answer(api.GET('/api/v1/queue', { params: { query: { entrance: side, limit: 1 } } })),
  },
  模板审核: {
    key: 'templates',
    read: () => answer(api.GET('/api/v1/templates', { params: { query: { revision: 'under_review', limit: 1 } } })),
  },
} as const;

type Counted = keyof typeof COUNTED;
const NAMES = Object.keys(COUNTED) as Counted[];

/** By the key of the menu item; without those that have none. */
export type MenuCounts = ReadonlyMap<string, number>;

/** The counted menu items that an entrance has, with their keys. */
export function countedIn(entrance: Entrance | undefined): [key: string, name: Counted][] {
  return (entrance?.menus ?? []).flatMap((menu) => {
    const items =
      menu.items.length > 0 ? menu.items.map((item) => [`${menu.name}/${item}`, item]) : [[menu.name, menu.name]];
    return items.flatMap(([key, item]): [string, Counted][] => {
      const name = NAMES.find((one) => one === item);
      return name && key !== undefined ? [[key, name]] : [];
    });
  });
}

/** How many of one's own projects have come since they were counted last; 0 at first, and where they got fewer. */
export function come(before: number | undefined, now: number | undefined): number {
  return before === undefined || now === undefined ? 0 : Math.max(0, now - before);
}

export function useMenuCounts(entrance: Entrance | undefined): MenuCounts {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const side = entrance?.entrance === 'vendor' ? 'vendor' : 'provider';
  const counted = countedIn(entrance);
  const found = useQueries({
    queries: counted.map(([, name]) => ({
      queryKey: [COUNTED[name].key, 'count', entrance?.entrance],
      queryFn: async () => (await COUNTED[name].read(side)).total,
    })),
  });
  const own = found[counted.findIndex(([, name]) => name === '我的项目')]?.data;
  const before = useRef<number>(undefined);
  useEffect(() => {
    const count = come(before.current, own);
    before.current = own;
    if (count > 0) {
      void message.info(t('header.newWork', { count }));
    }
  }, [own, message, t]);
  return new Map(
    counted.flatMap(([key], place): [string, number][] => {
      const count = found[place]?.data;
      return count ? [[key, count]] : [];
    }),
  );
}
