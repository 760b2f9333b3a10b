/**
 * Parts of the console that are fetched when they are first needed. One that cannot be loaded is tried once more; after
 * a new release – the old part is gone from the server – the page is loaded anew, once; else it is said, with 重试.
 */
import { isOutdated } from '../api/connection';

const KEY = 'delivery.reloaded';
const PAUSE_MS = 500;
/** Not to reload for ever where a release is broken. */
const ONCE_IN_MS = 60_000;

/** A part that could not be loaded. */
export class ChunkMissing extends Error {
  override readonly name = 'ChunkMissing';
}

type Load<Module> = () => Promise<Module>;

/** Load a part; `ChunkMissing` where that fails twice. */
export async function loaded<Module>(load: Load<Module>, pause = PAUSE_MS): Promise<Module> {
  try {
    return await load();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  try {
    return await load();
  } catch (error) {
    throw new ChunkMissing(String(error));
  }
}

/** Load the part that a whole page is: for a new release the page is loaded anew. */
export async function loadedPage<Module>(load: Load<Module>, reload = () => location.reload()): Promise<Module> {
  try {
    return await loaded(load);
  } catch (error) {
    if (isFirstTime() && (await isOutdated())) {
      sessionStorage.setItem(KEY, String(Date.now()));
      reload();
      return new Promise(() => undefined);
    }
    throw error;
  }
}

function isFirstTime(): boolean {
  return Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) > ONCE_IN_MS;
}
