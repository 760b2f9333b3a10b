/** What is being edited, with undo and redo. Typing in one field is one step. */
import { useCallback, useState } from 'react';
import type { FlowNode } from './node';

export interface Content {
  name: string;
  description: string;
  nodes: FlowNode[];
}

interface History {
  past: Content[];
  present: Content;
  future: Content[];
  /** What the last step changed; the next change of the same thing joins it. */
  changing: string | undefined;
}

const LONGEST = 100;

export function useDraft(initial: Content) {
  const [history, setHistory] = useState<History>({ past: [], present: initial, future: [], changing: undefined });
  const change = useCallback((next: Content, changing?: string) => {
    setHistory(({ past, present, changing: before }) => ({
      past: changing !== undefined && changing === before ? past : [...past.slice(-LONGEST), present],
      present: next,
      future: [],
      changing,
    }));
  }, []);
  const go = (direction: 'undo' | 'redo') =>
    setHistory((known) => {
      const [from, to] = direction === 'undo' ? [known.past, known.future] : [known.future, known.past];
      const next = from.at(-1);
      if (next === undefined) {
        return known;
      }
      const rest = from.slice(0, -1);
      const passed = [...to, known.present];
      const [past, future] = direction === 'undo' ? [rest, passed] : [passed, rest];
      return { past, present: next, future, changing: undefined };
    });
  return {
    content: history.present,
    change,
    reset: (content: Content) => setHistory({ past: [], present: content, future: [], changing: undefined }),
    undo: history.past.length > 0 ? () => go('undo') : undefined,
    redo: history.future.length > 0 ? () => go('redo') : undefined,
  };
}
