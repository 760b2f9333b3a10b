/** The decisions of a project by its runs, the newest first: whoever asks “why him?” means the last one. */
interface Decided {
  level?: string;
  decided_at?: string;
}

export interface Run<Decision> {
  /** From 1; undefined where there is only one. */
  number: number | undefined;
  decisions: Decision[];
}

/** The choice of a provider begins a run: the flow starts anew with it. */
export function runsOf<Decision extends Decided>(decisions: readonly Decision[]): Run<Decision>[] {
  const runs: Decision[][] = [];
  for (const one of decisions.toSorted((a, b) => (a.decided_at ?? '').localeCompare(b.decided_at ?? ''))) {
    const present = runs.at(-1);
    if (present === undefined || one.level === 'provider') {
      runs.push([one]);
    } else {
      present.push(one);
    }
  }
  return runs
    .map((made, place) => ({ number: runs.length > 1 ? place + 1 : undefined, decisions: made.toReversed() }))
    .toReversed();
}
