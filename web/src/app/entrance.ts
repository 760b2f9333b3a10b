/** The entrance the page is in: the first part of its path. */
import { useLocation } from 'react-router';

/** As `GET /api/v1/me/menus` names them. */
export type EntranceKey = 'vendor' | 'provider' | 'customer' | 'operator';

export function useEntrance(): EntranceKey {
  return useLocation().pathname.split('/')[1] as EntranceKey;
}
