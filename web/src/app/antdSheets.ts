/**
 * antd's style sheets as the build made them (antdStyles.ts). They stand before the console's own styles, which win where
 * both say something. Where there are none – `npm run dev`, unit tests – antd makes its styles in the browser.
 */
declare global {
  interface ImportMetaEnv {
    /** Their paths, with spaces between. */
    readonly ANTD_SHEETS?: string;
  }
}

const PATHS = import.meta.env.ANTD_SHEETS?.split(' ') ?? [];
const asked = new Map<string, Promise<void>>();

/** Done when the rules of a sheet hold; rejected, and fetched anew the next time, where it cannot be had. */
function sheet(path: string, at: number): Promise<void> {
  const known = asked.get(path);
  if (known) {
    return known;
  }
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: path });
  link.dataset.antd = String(at);
  const there = new Promise<void>((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      asked.delete(path);
      reject(new Error(path));
    };
  });
  there.catch(() => undefined); // known to who waits for it; not everybody does
  asked.set(path, there);
  const others = [...document.head.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')];
  const above = others.find((one) => one.dataset.antd === undefined || Number(one.dataset.antd) > at);
  document.head.insertBefore(link, above ?? null);
  return there;
}

/** Load code that shows antd's components, and their styles: where `isSoon`, those of the first sheet are enough. */
export async function styled<Module>(load: () => Promise<Module>, isSoon = false): Promise<Module> {
  const sheets = PATHS.map(sheet);
  const [module] = await Promise.all([load(), ...(isSoon ? sheets.slice(0, 1) : sheets)]);
  return module;
}
