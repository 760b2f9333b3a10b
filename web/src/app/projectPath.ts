/** Where somebody sees a project: the list he has in this entrance decides. */
import type { Entrance } from '../session/session';

const LISTS = [
  { menu: '项目中心', item: '项目管理', path: 'projects' },
  { menu: '项目中心', item: '我的项目', path: 'my-projects' },
  { menu: '项目', item: undefined, path: 'projects' },
  { menu: '已购服务', item: '已购服务', path: 'purchased-services' },
] as const;

export function projectPath(entrance: Entrance, projectId: string): string | undefined {
  const found = LISTS.find(({ menu, item }) =>
    entrance.menus.some((one) => one.name === menu && (item === undefined || one.items.includes(item))),
  );
  return found && `/${entrance.entrance}/${found.path}/${projectId}`;
}
