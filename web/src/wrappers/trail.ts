/**
 * The way back through a list that the server pages with cursors: which cursor led to which page. It is kept for this
 * tab, so that 上一页 still works after a reload and after 返回.
 */
const KEY = 'delivery.trail';
/** Lists remembered; the oldest are forgotten. */
const MOST = 20;

type Trails = Record<string, Record<number, string>>;

function all(): Trails {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Trails;
  } catch {
    return {};
  }
}

/** `list`: the list with everything its rows depend on. */
export function rememberPage(list: string, page: number, cursor: string): void {
  const { [list]: own, ...others } = all();
  const kept = Object.entries(others).slice(1 - MOST);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...kept, [list, { ...own, [page]: cursor }]])));
  } catch {
    // A closed store: 上一页 then leads to the first page.
  }
}

/** The cursor that led to a page; undefined for the first one and for pages not walked through in this tab. */
export function cursorOf(list: string, page: number): string | undefined {
  return all()[list]?.[page];
}
