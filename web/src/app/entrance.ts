/** The entrance the page is in: the first part of its path. */
import { useLocation } from 'react-router';
import type { EntranceKey } from '../routes';

export function useEntrance(): EntranceKey {
  return useLocation().pathname.split('/')[1] as EntranceKey;
}
