/** The menu tree of the API as antd wants it, and what each item leads to. Names and order are the server's. */
import type { Language } from '../api';
import { menuText } from '../i18n/menus';
import { pathOfMenu } from '../routes';
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

/** Where an entrance begins: its first page, 项目管理 before others since that is what people come for. */
export function homeOf(entrance: Entrance): string {
  const items = menuTree(entrance, 'zh').flatMap((menu) => (menu.items.length > 0 ? menu.items : [menu]));
  const pages = items.filter((item) => item.path !== undefined);
  const preferred = pages.find(({ key }) => ['项目中心/项目管理', '项目中心/我的项目', '项目'].includes(key));
  return (preferred ?? pages[0])?.path ?? `/${entrance.entrance}/profile`;
}
