import { expect, test } from 'vitest';
import { type NodeSpan, rows, scale } from './spans';

const WHOLE = { from: '2026-11-20T00:00:00Z', to: null, now: '2026-11-24T00:00:00Z' };

test('spans stand where their time is; one without an end goes on until now', () => {
  const { bar } = scale(WHOLE);
  expect(bar({ from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' })).toEqual({ left: 25, width: 25 });
  expect(bar({ from: '2026-11-23T00:00:00Z', to: null })).toEqual({ left: 75, width: 25 });
});

test('a visit of no length can still be seen, also at the very end', () => {
  const { bar } = scale(WHOLE);
  expect(bar({ from: WHOLE.from, to: WHOLE.from })).toEqual({ left: 0, width: 0.6 });
  const last = bar({ from: WHOLE.now, to: null });
  expect(last.left + last.width).toBeCloseTo(100);
});

test('the axis begins and ends with the project', () => {
  expect(scale({ ...WHOLE, to: '2026-11-22T00:00:00Z' }).ticks(3)).toEqual([
    '2026-11-20T00:00:00.000Z',
    '2026-11-21T00:00:00.000Z',
    '2026-11-22T00:00:00.000Z',
  ]);
});

test('visits of a node share a row, those of another run have one of their own', () => {
  const visit = (run: number, node: string, number: number) => ({ run, node, name: node, visit: number }) as NodeSpan;
  const found = rows([visit(1, 'a', 1), visit(1, 'b', 2), visit(1, 'a', 3), visit(2, 'a', 4)]);
  expect(found.map((row) => [row.run, row.name, row.visits.map((one) => one.visit)])).toEqual([
    [1, 'a', [1, 3]],
    [1, 'b', [2]],
    [2, 'a', [4]],
  ]);
});
