/**
 * The tokens of this browser's session. An access token lives five minutes, a refresh token works once. All tabs share
 * one session in localStorage; a lock across tabs makes sure that only one of them spends the refresh token, since
 * a token spent twice ends the session. Ages are counted by this machine's own clock, so a wrong clock does no harm.
 */
import type { components } from './schema';

type SignedIn = components['schemas']['IdentitySignedInOut'];

export interface Tokens {
  access: string;
  refresh: string;
  /** This machine's time when they came, in milliseconds. */
  since: number;
  mustChangePassword: boolean;
}

const KEY = 'delivery.session';
const LOCK = 'delivery.session.refresh';
/** One minute before the five are over. */
const FRESH_MS = 4 * 60_000;

let listeners: Array<() => void> = [];
let cached: { text: string | null; tokens: Tokens | null } = { text: null, tokens: null };

/** The present tokens, or null when nobody is signed in. The same object until they change. */
export function tokens(): Tokens | null {
  const text = localStorage.getItem(KEY);
  if (text !== cached.text) {
    cached = { text, tokens: text ? (JSON.parse(text) as Tokens) : null };
  }
  return cached.tokens;
}

export function keep(signedIn: SignedIn): Tokens {
  const kept: Tokens = {
    access: signedIn.access_token,
    refresh: signedIn.refresh_token,
    since: Date.now(),
    mustChangePassword: signedIn.must_change_password,
  };
  localStorage.setItem(KEY, JSON.stringify(kept));
  tell();
  return kept;
}

export function forget(): void {
  localStorage.removeItem(KEY);
  tell();
}

/** Call `listener` whenever someone signs in or out, in this tab or another. Returns how to stop. */
export function onChange(listener: () => void): () => void {
  listeners.push(listener);
  const ofOtherTab = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) {
      listener();
    }
  };
  window.addEventListener('storage', ofOtherTab);
  return () => {
    listeners = listeners.filter((known) => known !== listener);
    window.removeEventListener('storage', ofOtherTab);
  };
}

function tell(): void {
  for (const listener of listeners) {
    listener();
  }
}

export function isFresh(held: Tokens): boolean {
  return Date.now() - held.since < FRESH_MS;
}

/**
 * Tokens other than `stale`: those another tab has fetched meanwhile, else new ones. Null when the session has ended.
 * Errors of the network are thrown and leave the session as it is.
 */
export async function renewed(stale: Tokens, fetching: typeof fetch = fetch): Promise<Tokens | null> {
  const renew = async (): Promise<Tokens | null> => {
    const held = tokens();
    if (held === null || held.access !== stale.access) {
      return held;
    }
    const response = await fetching('/api/v1/sessions/refresh', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refresh_token: held.refresh }),
    });
    if (response.ok) {
      return keep((await response.json()) as SignedIn);
    }
    if (response.status === 401 || response.status === 422) {
      forget();
      return null;
    }
    throw new TypeError(`refresh answered ${response.status}`);
  };
  // Browsers offer locks to safe origins only (https and this machine); elsewhere the tabs take their chance.
  return 'locks' in navigator ? await navigator.locks.request(LOCK, renew) : await renew();
}
