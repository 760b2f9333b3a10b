/**
 * Who came by a link: which project this tab is for, and the code a device has to show before it decides. The tab alone
 * remembers the project, so that an account signed in beside it, or another link, is not touched.
 */

const KEY = 'delivery.guest';

/** The project this tab was opened for by a link; null: by whoever is signed in. */
export function guestProject(): string | null {
  return sessionStorage.getItem(KEY);
}

export function becomeGuest(projectId: string): void {
  sessionStorage.setItem(KEY, projectId);
}

export function stopBeingGuest(): void {
  sessionStorage.removeItem(KEY);
}

type Answer = (shown: boolean) => void;

let waiting: Answer[] = [];
let listeners: Array<() => void> = [];

function tell(): void {
  for (const listener of listeners) {
    listener();
  }
}

/** Wait until this device has shown a code; false: its person would rather not. */
export function codeShown(): Promise<boolean> {
  return new Promise((resolve) => {
    waiting = [...waiting, resolve];
    tell();
  });
}

export function isCodeWanted(): boolean {
  return waiting.length > 0;
}

/** Whoever waits for the code goes on. */
export function answerCode(shown: boolean): void {
  const waited = waiting;
  waiting = [];
  for (const resolve of waited) {
    resolve(shown);
  }
  tell();
}

export function onCodeWanted(listener: () => void): () => void {
  listeners = [...listeners, listener];
  return () => {
    listeners = listeners.filter((known) => known !== listener);
  };
}
