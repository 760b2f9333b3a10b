/** Dark or light: as chosen in this browser, else as the machine has it. */
import { useSyncExternalStore } from 'react';

const KEY = 'delivery.dark';
let listeners: Array<() => void> = [];

export function isDark(): boolean {
  const chosen = localStorage.getItem(KEY);
  return chosen === null ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'true';
}

export function chooseDark(dark: boolean): void {
  localStorage.setItem(KEY, String(dark));
  for (const listener of listeners) {
    listener();
  }
}

export function useDark(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.push(listener);
    return () => {
      listeners = listeners.filter((known) => known !== listener);
    };
  }, isDark);
}
