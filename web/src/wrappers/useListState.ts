import { useLocation } from 'react-router';

/** State for a `Link` to a page below this list, so that its 返回 finds the same filters again. */
export function useListState(): { listSearch: string } {
  return { listSearch: useLocation().search };
}
