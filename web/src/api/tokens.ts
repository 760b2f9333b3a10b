/**
 * The session of this browser. The refresh token is a cookie that no script can read; the access token, five minutes
 * long, stands in the memory of each tab and nowhere else. Tabs tell each other of new tokens, so that one renewal
 * serves all, and a lock makes sure that only one of them spends the refresh token, which works once. Ages are counted
 * by this machine's own clock, so a wrong clock does no harm.
 *
 * A session that ends does not throw anybody out: whoever was signed in stays named, requests wait, and go on once the
 * same person has signed in again (`awaitSignIn`).
 */
import { guestProject } from './guest';
import type { components } from './schema';

type SignedIn = components['schemas']['IdentitySignedInOut'];
type Entered = components['schemas']['IdentityEnteredOut'];

export interface Tokens {
  access: string;
  /** Whose they are. */
  person: string;
  /** This machine's time when they came, in milliseconds. */
  since: number;
  mustChangePassword: boolean;
  /** Of a session that a link began: the one project it opens. Such a session is this tab's alone. */
  project?: string;
}

/** `ended`: somebody is named by `tokens`, and has to sign in again. */
export interface Session {
  tokens: Tokens | null;
  ended: boolean;
}

type Told = { kind: 'kept'; tokens: Tokens } | { kind: 'forgotten' };

const CHANNEL = 'delivery.session';
const LOCK = 'delivery.session.refresh';
/** One minute before the five are over. */
const FRESH_MS = 4 * 60_000;
/** An answer to a renewal that does not come is asked for again; the server knows a repetition within 30 s. */
const ANSWER_MS = 8_000;
const ATTEMPTS = 3;
const PAUSE_MS = 500;

/** What our own pages send with everything, and no form of another site can (see `refuse_other_sites` of the API). */
export const OWN_PAGE = { 'X-Requested-With': 'console' };

let session: Session = { tokens: null, ended: false };
let listeners: Array<() => void> = [];
const others = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : undefined;

others?.addEventListener('message', ({ data }: MessageEvent<Told>) => {
  if (guestProject() !== null) {
    return;
  }
  if (data.kind === 'forgotten') {
    become({ tokens: null, ended: false });
  } else if (session.tokens !== null && session.tokens.person !== data.tokens.person) {
    location.assign('/'); // somebody else signed in: nothing of this page is his
  } else if (session.tokens !== null) {
    become({ tokens: data.tokens, ended: false });
  }
});

function become(next: Session): void {
  session = next;
  for (const listener of listeners) {
    listener();
  }
}

/** The present session. The same object until it changes. */
export function presentSession(): Session {
  return session;
}

/** The present tokens, or null when nobody is signed in. */
export function tokens(): Tokens | null {
  return session.tokens;
}

/** Take what a sign-in or a renewal answered. */
export function keep(signedIn: SignedIn): Tokens {
  const kept: Tokens = {
    access: signedIn.access_token,
    person: personOf(signedIn.access_token),
    since: Date.now(),
    mustChangePassword: signedIn.must_change_password,
  };
  become({ tokens: kept, ended: false });
  others?.postMessage({ kind: 'kept', tokens: kept } satisfies Told);
  return kept;
}

/** Take what a link, or a renewal of its session, answered. Other tabs hear nothing of it. */
export function keepGuest(entered: Entered): Tokens {
  const kept: Tokens = {
    access: entered.access_token,
    person: personOf(entered.access_token),
    since: Date.now(),
    mustChangePassword: false,
    project: entered.project_id,
  };
  become({ tokens: kept, ended: false });
  return kept;
}

/** The link's project is left, in this tab. */
export function forgetGuest(): void {
  become({ tokens: null, ended: false });
}

/** Take new tokens of whatever session this tab has. */
function keepAny(answered: SignedIn | Entered): Tokens {
  return 'project_id' in answered ? keepGuest(answered) : keep(answered);
}

/** The subject of a token; it is not checked here, since the server checks it with every request. */
function personOf(access: string): string {
  try {
    const payload = access.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    return String((JSON.parse(atob(payload)) as { sub?: unknown }).sub);
  } catch {
    return '';
  }
}

/** Nobody is signed in any more, in no tab. */
export function forget(): void {
  become({ tokens: null, ended: false });
  others?.postMessage({ kind: 'forgotten' } satisfies Told);
}

/** Call `listener` whenever someone signs in or out, in this tab or another. Returns how to stop. */
export function onChange(listener: () => void): () => void {
  listeners.push(listener);
  return () => {
    listeners = listeners.filter((known) => known !== listener);
  };
}

export function isFresh(held: Tokens): boolean {
  return Date.now() - held.since < FRESH_MS;
}

/** Wait until the person of `before` has signed in again; null when nobody has, or somebody else. */
export function awaitSignIn(before: Tokens): Promise<Tokens | null> {
  return new Promise((resolve) => {
    const look = () => {
      const { tokens: now, ended } = session;
      if (!ended || now === null) {
        stop();
        resolve(now?.person === before.person ? now : null);
      }
    };
    const stop = onChange(look);
    look();
  });
}

/** What the cookie of this browser still gives, when a page is opened. `ended`: there was a session, and it is over. */
export async function restore(fetching: typeof fetch = fetch): Promise<'signed-in' | 'ended' | 'nobody'> {
  const renewal = await alone(() => asked(fetching));
  if (renewal.ok) {
    keepAny((await renewal.json()) as SignedIn | Entered);
    return 'signed-in';
  }
  if (renewal.status === 401) {
    return 'ended';
  }
  if (renewal.status === 422) {
    return 'nobody'; // no cookie
  }
  throw new TypeError(`refresh answered ${renewal.status}`);
}

/**
 * Tokens other than `stale`: those another tab has fetched meanwhile, else new ones. Null when the session has ended.
 * Errors of the network are thrown and leave the session as it is.
 */
export function renewed(stale: Tokens, fetching: typeof fetch = fetch): Promise<Tokens | null> {
  return alone(async () => {
    const held = session.tokens;
    if (held === null || session.ended || held.access !== stale.access) {
      return session.ended ? null : held;
    }
    const response = await asked(fetching);
    if (response.ok) {
      return keepAny((await response.json()) as SignedIn | Entered);
    }
    if (response.status === 401 || response.status === 422) {
      become({ tokens: held, ended: true });
      return null;
    }
    throw new TypeError(`refresh answered ${response.status}`);
  });
}

/** Ask for new tokens; an answer that gets lost is asked for again, with the same cookie. */
async function asked(fetching: typeof fetch): Promise<Response> {
  const project = guestProject();
  const [path, body] =
    project === null
      ? ['/api/v1/sessions/refresh', '{}']
      : ['/api/v1/links/sessions/refresh', JSON.stringify({ project_id: project })];
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetching(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...OWN_PAGE },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    } catch (error) {
      if (attempt === ATTEMPTS) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
}

/** Browsers offer locks to safe origins only (https and this machine); elsewhere the tabs take their chance. */
async function alone<Result>(run: () => Promise<Result>): Promise<Result> {
  return 'locks' in navigator ? await navigator.locks.request(LOCK, run) : await run();
}
