/**
 * A file sent with progress and a way to stop it: `fetch` tells nothing while it sends. Otherwise as every command:
 * the caller's token, an idempotency key that a repeated attempt keeps, positions, refusals as `ApiError`.
 */
import { newId } from './newId';
import { ApiError } from './problem';
import { OWN_PAGE, type Tokens, tokens } from './tokens';
import { positions, usable } from './transport';

/** The longest without progress and without an answer. */
const SILENT_MS = 60_000;

/** Keys of files whose upload has not been answered, by where they go. */
const open = new WeakMap<File, Map<string, string>>();

export interface UploadOptions {
  signal: AbortSignal;
  /** Bytes sent so far, and in all. */
  progress: (sent: number, total: number) => void;
}

/** Send `file` as the part `file`. Rejects with the signal's reason where it was stopped. */
export async function upload(
  offer: { method: string; href: string },
  file: File,
  options: UploadOptions,
): Promise<unknown> {
  const keys = open.get(file) ?? new Map<string, string>();
  open.set(file, keys);
  const key = keys.get(offer.href) ?? newId();
  keys.set(offer.href, key);
  const held = await usable(tokens(), options.signal);
  let response = await sent(offer, file, { ...options, key, held });
  if (response.status === 401 && held !== null) {
    const next = await usable(held, options.signal, true);
    response = next === null ? response : await sent(offer, file, { ...options, key, held: next });
  }
  keys.delete(offer.href);
  positions.note(response.headers.get('Delivery-Position'));
  if (!response.ok) {
    throw await ApiError.of(response);
  }
  return response.json();
}

function sent(
  offer: { method: string; href: string },
  file: File,
  options: UploadOptions & { key: string; held: Tokens | null },
): Promise<Response> {
  const { signal, progress, key, held } = options;
  const request = new XMLHttpRequest();
  request.open(offer.method, new URL(offer.href, location.origin));
  request.setRequestHeader('X-Correlation-Id', newId());
  request.setRequestHeader('X-Requested-With', OWN_PAGE['X-Requested-With']);
  request.setRequestHeader('Idempotency-Key', key);
  if (held !== null) {
    request.setRequestHeader('Authorization', `Bearer ${held.access}`);
  }
  const body = new FormData();
  body.set('file', file);
  return new Promise((resolve, reject) => {
    const stop = () => request.abort();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reject(ApiError.unreachable());
        request.abort();
      }, SILENT_MS);
    };
    signal.throwIfAborted();
    signal.addEventListener('abort', stop);
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      heard();
      progress(loaded, total);
    });
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('error', () => reject(ApiError.unreachable()));
    request.addEventListener('load', () => resolve(responseOf(request)));
    request.addEventListener('loadend', () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
    });
    heard();
    request.send(body);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ['Delivery-Position', 'Content-Type']) {
    const value = request.getResponseHeader(name);
    if (value !== null) {
      headers.set(name, value);
    }
  }
  return new Response(request.responseText, { status: request.status, headers });
}
