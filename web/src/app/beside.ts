/** Pages beside the menus, which the manual names all (G-18, G-28): the platform's, and a vendor's ways in for programs. */
import { type Entrance, holds, type Me } from '../session/session';

export interface Beside {
  group: 'platform' | 'interfaces';
  pages: readonly { name: Name; path: string }[];
}

const PLATFORM = ['parties', 'buyers', 'connections', 'outbox', 'status'] as const;
const INTERFACES = ['connections', 'access-keys'] as const;

type Name = (typeof PLATFORM | typeof INTERFACES)[number];

/** Those of an entrance; undefined where it has none. */
export function pagesBeside({ entrance }: Entrance, me: Me | undefined): Beside | undefined {
  const of = (group: Beside['group'], names: readonly Name[]) => ({
    group,
    pages: names.map((name) => ({ name, path: `/${entrance}/${name}` })),
  });
  if (entrance === 'operator') {
    return of('platform', PLATFORM);
  }
  return entrance === 'vendor' && holds(me, 'vendor_admin') ? of('interfaces', INTERFACES) : undefined;
}
