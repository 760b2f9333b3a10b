/** All screens. One file per area, so that several people can add screens side by side. */

import type { EntranceKey } from '../app/entrance';
import { connectionScreens } from './connections';
import { operatorScreens } from './operator';
import { firstPage, overviewScreens } from './overview';
import { productScreens } from './products';
import { projectList, projectPage, projectScreens } from './projects';
import { referenceScreens } from './reference';
import type { Screen } from './screen';
import { settingsScreens } from './settings';
import { templateScreens } from './templates';
import { workScreens } from './work';

export const screens: readonly Screen[] = [
  ...projectScreens,
  ...settingsScreens,
  ...connectionScreens,
  ...productScreens,
  ...templateScreens,
  ...workScreens,
  ...overviewScreens,
  ...referenceScreens,
  ...operatorScreens,
];

/** The address of a menu item in an entrance; undefined while it has no screen. */
export function pathOfMenu(entrance: string, menu: string): string | undefined {
  const screen = screens.find(
    (one) => one.isMenuPage && one.menu === menu && one.entrances.includes(entrance as EntranceKey),
  );
  return screen && `/${entrance}/${screen.path}`;
}

export { firstPage, projectList, projectPage, type Screen };
