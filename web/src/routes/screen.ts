/** What a screen says of itself: where it is, which menu it belongs to, how its code is fetched. */
import type { ComponentType } from 'react';
import type { Params } from 'react-router';
import type { EntranceKey } from '../app/entrance';
import type { Area } from '../i18n';

/** Asks for what a screen shows first, while it is drawn for the first time: neither waits for the other. */
export type Ahead = (params: Params, pathname: string) => void;

export interface Screen {
  entrances: readonly EntranceKey[];
  /** Path below `/<entrance>/`, with parameters as react-router writes them. */
  path: string;
  /**
   * The menu item it belongs to, as the API names it: `menu/item`, or `menu` for the operator's flat list. Whoever
   * does not have this menu item is refused (G-20, G-24). Without it the screen belongs to everybody signed in.
   */
  menu?: string;
  /** The page the menu item leads to; false for pages below it. */
  isMenuPage?: boolean;
  /** Shown soon after signing in: it does with the first of antd's style sheets (antdStyles.ts). */
  isSoon?: boolean;
  /** The areas of the texts that it shows, but for those that come with the console. */
  texts: readonly Area[];
  /** A module whose default export is the screen. Its code is fetched when it is first shown. */
  load: () => Promise<{ default: ComponentType; ahead?: Ahead }>;
}
