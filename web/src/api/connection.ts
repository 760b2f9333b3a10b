/**
 * Whether what is shown can still be believed: is the live stream open, when was it heard last, is there a network, has
 * a new release of the console come. The bar above the page tells it (`app/ConnectionBar.tsx`).
 */

export interface Connection {
  /** Lost: the stream broke off or fell silent and is being opened again. */
  isLost: boolean;
  /** This machine's time when the server was heard last; null before. */
  heardAt: number | null;
  isOffline: boolean;
  /** The server has another console than the one that runs here. */
  hasNewRelease: boolean;
}

let state: Connection = { isLost: false, heardAt: null, isOffline: false, hasNewRelease: false };
let listeners: Array<() => void> = [];

export function connection(): Connection {
  return state;
}

export function onConnection(listener: () => void): () => void {
  listeners.push(listener);
  return () => {
    listeners = listeners.filter((known) => known !== listener);
  };
}

export function tellConnection(change: Partial<Connection>): void {
  const next = { ...state, ...change };
  const isSame = (Object.keys(change) as (keyof Connection)[]).every(
    (key) => key === 'heardAt' || next[key] === state[key],
  );
  state = next;
  if (!isSame) {
    for (const listener of listeners) {
      listener();
    }
  }
}

/** Follow whether the browser has a network. Returns how to stop. */
export function watchNetwork(): () => void {
  const tell = () => tellConnection({ isOffline: !navigator.onLine });
  tell();
  window.addEventListener('online', tell);
  window.addEventListener('offline', tell);
  return () => {
    window.removeEventListener('online', tell);
    window.removeEventListener('offline', tell);
  };
}

/** The script that a page of the console begins with: its name changes with every release. */
export function entryOf(html: string): string | undefined {
  return /<script[^>]*\ssrc="([^"]*\/assets\/[^"]+)"/.exec(html)?.[1];
}

/** Whether the server has another release than this page. False while it cannot be asked. */
export async function isOutdated(fetching: typeof fetch = fetch): Promise<boolean> {
  try {
    const answered = await fetching('/', { cache: 'no-store', signal: AbortSignal.timeout(8_000) });
    const present = entryOf(await answered.text());
    const own = entryOf(document.documentElement.outerHTML);
    return answered.ok && present !== undefined && own !== undefined && present !== own;
  } catch {
    return false;
  }
}
