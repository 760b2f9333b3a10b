/**
 * A file sent with progress and a way to stop it: `fetch` tells nothing while it sends. Otherwise as every command:
 * the caller's token, an idempotency key that a repeated attempt keeps, positions, refusals as `ApiError`.
 */
import { ApiError } from './problem';
import { isFresh, renewed, type Tokens, tokens } from './tokens';
import { positions } from './transport';

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
  const key = keys.get(offer.href) ?? crypto.randomUUID();
  keys.set(offer.href, key);
  let held = tokens();
  if (held !== null && !isFresh(held)) {
    held = await renewed(held);
  }
  let response = await sent(offer, file, { ...options, key, held });
  if (response.status === 401 && held !== null) {
    const next = await renewed(held);
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
  request.setRequestHeader('X-Correlation-Id', crypto.randomUUID());
  request.setRequestHeader('Idempotency-Key', key);
  if (held !== null) {
    request.setRequestHeader('Authorization', `Bearer ${held.access}`);
  }
  const body = new FormData();
  body.set('file', file);
  return new Promise((resolve, reject) => {
    const stop = () => request.abort();
    signal.throwIfAborted();
    signal.addEventListener('abort', stop);
    request.upload.addEventListener('progress', ({ loaded, total }) => progress(loaded, total));
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('error', () => reject(ApiError.unreachable()));
    request.addEventListener('load', () => resolve(responseOf(request)));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', stop));
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
