/**
 * What somebody typed and has not sent: kept in this browser per person, form and object, for seven days. It stays when
 * the page is left, reloaded or breaks, when the session ends, and when a command fails; it goes once it was sent.
 */
import { useMemo } from 'react';
import { useMe } from '../session/session';

const PREFIX = 'delivery.draft.';
const KEPT_MS = 7 * 86_400_000;

export interface Draft<Values> {
  values: Values;
  /** This machine's time when it was last changed. */
  at: number;
}

export interface Drafts<Values> {
  found: Draft<Values> | undefined;
  keep: (values: Values) => void;
  drop: () => void;
}

/** The draft of `form` about what the further parts name; undefined parts and no person keep nothing. */
export function draftsOf<Values>(person: string | undefined, form: readonly string[] | undefined): Drafts<Values> {
  if (person === undefined || form === undefined) {
    return { found: undefined, keep: () => undefined, drop: () => undefined };
  }
  const key = PREFIX + [person, ...form].join('.');
  return {
    found: read<Values>(key),
    keep: (values) => {
      try {
        localStorage.setItem(key, JSON.stringify({ values, at: Date.now() }));
      } catch {
        // The browser's store is full or closed: what is typed still stands in the form.
      }
    },
    drop: () => localStorage.removeItem(key),
  };
}

function read<Values>(key: string): Draft<Values> | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '') as Draft<Values>;
    return kept.at > Date.now() - KEPT_MS ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Remove what is older than seven days, whoever's it is. */
export function sweepDrafts(): void {
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    if (read(key) === undefined) {
      localStorage.removeItem(key);
    }
  }
}

/** The draft of whoever is signed in, read once when the form opens. */
export function useDrafts<Values>(form: readonly string[] | undefined): Drafts<Values> {
  const person = useMe().data?.user_id;
  const name = form?.join('.');
  return useMemo(() => draftsOf<Values>(person, name === undefined ? undefined : [name]), [person, name]);
}
