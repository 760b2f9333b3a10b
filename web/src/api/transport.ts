/**
 * The one way to the server: adds who asks, a correlation id, the positions of own writes and – to every command –
 * an idempotency key; renews tokens; tries again where that is safe. Answers other than success become `ApiError`s.
 *
 * A command keeps its key until an answer came: whoever presses the button again after the network broke repeats the
 * same command, and it is carried out once.
 */

import { codeShown } from './guest';
import { newId } from './newId';
import { Positions } from './positions';
import { ApiError } from './problem';
import { awaitSignIn, isFresh, OWN_PAGE, presentSession, renewed, type Tokens, tokens } from './tokens';

const SAFE = new Set(['GET', 'HEAD']);
/** Times a request is sent at most when the server asks for patience (503) or does not answer. */
const ATTEMPTS = 4;
const LONGEST_PAUSE_MS = 2_000;
/** What a service answers that has not heard yet of what another one was told: soon it has, no need to wait a second. */
const CATCHING_UP = new Set(['behind', 'not-yet-known']);
/** The longest that the beginning of an answer is waited for; uploads have their own transport. */
const ANSWER_MS = 30_000;

export const positions = new Positions();

/** Keys of commands whose outcome is not known yet, by what they ask for. */
const open = new Map<string, string>();

export async function send(request: Request): Promise<Response> {
  const isCommand = !SAFE.has(request.method);
  const asked = isCommand ? await fingerprint(request) : undefined;
  const key = asked === undefined ? undefined : (open.get(asked) ?? newId());
  if (asked !== undefined && key !== undefined) {
    open.set(asked, key);
  }
  let response = await patiently(request, key);
  if (response.status === 403 && (await wantsCode(response)) && (await codeShown())) {
    response = await patiently(request, key); // the same command: nothing was done of it before
  }
  if (asked !== undefined) {
    open.delete(asked);
    positions.note(response.headers.get('Delivery-Position'));
  }
  if (!response.ok) {
    throw await ApiError.of(response);
  }
  return response;
}

/** Whether this device has to show a code before it may decide. */
async function wantsCode(response: Response): Promise<boolean> {
  return tokens()?.project !== undefined && (await ApiError.of(response.clone())).slug === 'code-needed';
}

/** A request that stands for nobody: signing in. */
export async function sendAsNobody(request: Request): Promise<Response> {
  const response = await sentInTime(dressed(request, null, undefined)).catch(() => {
    throw ApiError.unreachable();
  });
  if (!response.ok) {
    throw await ApiError.of(response);
  }
  return response;
}

/** What makes two commands the same one. Uploads are told apart by their size and name. */
async function fingerprint(request: Request): Promise<string> {
  if (!request.headers.get('Content-Type')?.startsWith('multipart/')) {
    return `${request.method} ${request.url} ${await request.clone().text()}`;
  }
  const parts = [...(await request.clone().formData()).entries()].map(([name, value]) =>
    typeof value === 'string' ? [name, value] : [name, value.name, value.size, value.lastModified],
  );
  return `${request.method} ${request.url} ${JSON.stringify(parts)}`;
}

async function patiently(request: Request, key: string | undefined): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let pause = 300 * attempt;
    try {
      const response = await signed(request, key);
      if (response.status !== 503 || attempt === ATTEMPTS) {
        return response;
      }
      if (!CATCHING_UP.has((await ApiError.of(response)).slug)) {
        pause = Number(response.headers.get('Retry-After') ?? 1) * 1_000;
      }
    } catch (error) {
      if (request.signal.aborted) {
        throw error;
      }
      if (attempt === ATTEMPTS) {
        throw ApiError.unreachable();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, LONGEST_PAUSE_MS)));
  }
}

/**
 * Send once as whoever is signed in; a token found invalid is renewed and the request sent anew. When the session has
 * ended the request waits until its person has signed in again, and is sent then: the same command, carried out once.
 */
async function signed(request: Request, key: string | undefined): Promise<Response> {
  const held = await usable(tokens(), request.signal);
  const response = await sentInTime(dressed(request, held, key));
  if (response.status !== 401 || held === null) {
    return response;
  }
  const next = await usable(held, request.signal, true);
  return next === null ? response : await sentInTime(dressed(request, next, key));
}

/** Tokens that can be sent; null where nobody is signed in. `isRefused`: those held are void, however young. */
export async function usable(held: Tokens | null, signal?: AbortSignal, isRefused = false): Promise<Tokens | null> {
  if (held === null || (isFresh(held) && !isRefused && !presentSession().ended)) {
    return held;
  }
  const next = presentSession().ended ? null : await renewed(held);
  if (next !== null || !presentSession().ended) {
    return next;
  }
  const again = await awaitSignIn(held);
  signal?.throwIfAborted();
  return again;
}

/** A request that no answer comes to is given up, so that nothing waits for ever. */
async function sentInTime(request: Request): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('no answer', 'TimeoutError')), ANSWER_MS);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

function dressed(request: Request, held: Tokens | null, key: string | undefined): Request {
  const copy = request.clone();
  copy.headers.set('X-Correlation-Id', newId());
  for (const [name, value] of Object.entries(OWN_PAGE)) {
    copy.headers.set(name, value);
  }
  if (held !== null) {
    copy.headers.set('Authorization', `Bearer ${held.access}`);
  }
  if (key !== undefined) {
    copy.headers.set('Idempotency-Key', key);
  }
  const position = positions.header();
  if (position !== undefined && SAFE.has(request.method)) {
    copy.headers.set('Delivery-Min-Position', position);
  }
  return copy;
}
