/** The menu tree of the API as antd wants it, and what each item leads to. Names and order are the server's. */
import type { Language } from '../api';
import { menuText } from '../i18n/menus';
import { firstPage, pathOfMenu } from '../routes';
import type { Entrance } from '../session/session';

export interface MenuItem {
  /** `menu/item` as the API names them. */
  key: string;
  label: string;
  path: string | undefined;
}

export interface MenuGroup {
  key: string;
  label: string;
  /** Empty: the menu itself is a page (the operator's flat list). */
  items: MenuItem[];
  path: string | undefined;
}

export function menuTree(entrance: Entrance, language: Language): MenuGroup[] {
  return entrance.menus.map((menu) => ({
    key: menu.name,
    label: menuText(menu.name, language),
    path: menu.items.length === 0 ? pathOfMenu(entrance.entrance, menu.name) : undefined,
    items: menu.items.map((item) => {
      const key = `${menu.name}/${item}`;
      return { key, label: menuText(item, language), path: pathOfMenu(entrance.entrance, key) };
    }),
  }));
}

export function hasMenu(entrance: Entrance, key: string): boolean {
  return menuTree(entrance, 'zh').some((menu) => menu.key === key || menu.items.some((item) => item.key === key));
}

/** Where an entrance begins: at what waits for whoever comes. */
export function homeOf(entrance: Entrance): string {
  return `/${entrance.entrance}/${firstPage.path}`;
}
