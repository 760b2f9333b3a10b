/** The timeline's arithmetic: where the spans of a project stand between its beginning and now. */
import type { Schema } from '../../api';

export type TimelineData = Schema<'ProjectTimelineOut'>;
export type NodeSpan = TimelineData['nodes'][number];

/** A part of the drawing, in per cent of its width. */
export interface Bar {
  left: number;
  width: number;
}

/** A visit so short that it would not be seen is drawn this wide, in per cent. */
const THINNEST = 0.6;

/** Bars of one timeline: from its beginning to its end, or to now where it goes on. */
export function scale({ from, to, now }: Pick<TimelineData, 'from' | 'to' | 'now'>) {
  const start = Date.parse(from);
  const end = Math.max(Date.parse(to ?? now), start + 1);
  const per = (time: string) => ((Math.min(Math.max(Date.parse(time), start), end) - start) / (end - start)) * 100;
  return {
    bar: (span: { from: string; to: string | null }): Bar => {
      const left = Math.min(per(span.from), 100 - THINNEST);
      return { left, width: Math.max(per(span.to ?? to ?? now) - left, THINNEST) };
    },
    /** `count` moments evenly over the drawing, first and last included. */
    ticks: (count: number): string[] =>
      Array.from({ length: count }, (_, index) =>
        new Date(start + ((end - start) * index) / (count - 1)).toISOString(),
      ),
  };
}

/** Visits of the same node of the same run share a row, in the order of the first. */
export function rows(nodes: readonly NodeSpan[]): { key: string; run: number; name: string; visits: NodeSpan[] }[] {
  const found = new Map<string, { key: string; run: number; name: string; visits: NodeSpan[] }>();
  for (const node of nodes) {
    const key = `${node.run} ${node.node}`;
    const row = found.get(key) ?? { key, run: node.run, name: node.name, visits: [] };
    row.visits.push(node);
    found.set(key, row);
  }
  return [...found.values()];
}
