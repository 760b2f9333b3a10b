/** Texts of any length in a place of a given size. */
import type { PointerEvent, ReactNode } from 'react';

/** A text that shows so many lines, and all of it when the pointer rests on it. */
export function Clamped({ lines = 2, children }: { lines?: number; children: ReactNode }) {
  return (
    <span className={`clamped clamped-${lines}`} onPointerEnter={tellAll}>
      {children}
    </span>
  );
}

/** Some lines below each other, the first the strongest; each is cut by itself, so that none hides the others. */
export function Lines({ first, others }: { first: ReactNode; others: readonly ReactNode[] }) {
  return (
    <span className="two-lines">
      <Clamped>{first}</Clamped>
      {others.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are their place
        <Clamped key={place} lines={1}>
          {line}
        </Clamped>
      ))}
    </span>
  );
}

function tellAll({ currentTarget: text }: PointerEvent<HTMLElement>): void {
  const isCut = text.scrollHeight > text.clientHeight + 1 || text.scrollWidth > text.clientWidth + 1;
  text.title = isCut ? text.innerText : '';
}
