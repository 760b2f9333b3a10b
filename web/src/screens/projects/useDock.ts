/** Whether the conversation stands beside the project, and what is written there; kept in this browser. */
import { useState } from 'react';
import type { Said } from './useConversation';

const KEY = 'delivery.dock';
/** From here on it has a column of its own. */
const WIDE = '(min-width: 1101px)';

export interface Dock {
  /** Undefined while it is closed. */
  kind: Said | undefined;
  /** How often it was opened by hand. */
  opened: number;
  open: (kind: Said) => void;
  write: (kind: Said) => void;
  close: () => void;
}

export function useDock(isPage: boolean): Dock {
  const [kind, setKind] = useState<Said | undefined>(() =>
    isPage && localStorage.getItem(KEY) !== 'closed' && matchMedia(WIDE).matches ? 'comment' : undefined,
  );
  const [opened, setOpened] = useState(0);
  const keep = (state: 'open' | 'closed') => {
    if (isPage) {
      localStorage.setItem(KEY, state);
    }
  };
  return {
    kind,
    opened,
    open: (chosen) => {
      keep('open');
      setKind(chosen);
      setOpened((before) => before + 1);
    },
    write: setKind,
    close: () => {
      keep('closed');
      setKind(undefined);
    },
  };
}
