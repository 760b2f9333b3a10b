import { useLocation } from 'react-router';

/** State for a `Link` to a page below this list, so that its 返回 finds the same filters again. The router learns a
 *  moment after the address bar what filters write there, and rows may be clicked before. */
export function useListState(): { listSearch: string } {
  useLocation();
  return { listSearch: globalThis.location.search };
}
