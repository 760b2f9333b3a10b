/** Files come with the caller's token, so they are fetched and then handed to the browser to save. */
import { send } from './transport';

/**
 * Fetch `path` and save it under its own name, or as `name` where it has none, which is returned. `progress`: bytes so far
 * and in all (undefined = not told). `isNamed`: the name is ours, in the language of the page.
 */
export async function download(
  path: string,
  name: string,
  progress?: (loaded: number, total: number | undefined) => void,
  isNamed = false,
): Promise<string> {
  const response = await send(new Request(new URL(path, location.origin)));
  const blob = await read(response, progress);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = (isNamed ? undefined : nameOf(response.headers.get('Content-Disposition'))) ?? name;
  link.click();
  URL.revokeObjectURL(link.href);
  return link.download;
}

async function read(response: Response, progress?: (loaded: number, total: number | undefined) => void): Promise<Blob> {
  const total = Number(response.headers.get('Content-Length')) || undefined;
  const type = response.headers.get('Content-Type') ?? '';
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) {
      return new Blob(parts, { type });
    }
    parts.push(piece.value);
    loaded += piece.value.length;
    progress?.(loaded, total);
  }
}

/** The file name of a Content-Disposition header; the form with a charset (RFC 6266) is preferred. */
export function nameOf(header: string | null): string | undefined {
  const encoded = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (encoded !== undefined) {
    return decodeURIComponent(encoded);
  }
  return header?.match(/filename="?([^";]+)"?/i)?.[1];
}
