import { expect, test } from 'vitest';
import { NotApplicable, type Result, runEach } from './bulkRun';

test('every row has its result, and a refusal does not stop the others', async () => {
  const told: [string, Result['state']][] = [];
  const refusal = new Error('full');
  const command = async (row: string) => {
    if (row === 'b') {
      throw refusal;
    }
    if (row === 'c') {
      throw new NotApplicable('paused');
    }
  };
  const last = new Map<string, Result>();
  await runEach(
    ['a', 'b', 'c', 'd'],
    (row) => row,
    command,
    (key, result) => {
      told.push([key, result.state]);
      last.set(key, result);
    },
  );
  expect(told).toEqual([
    ['a', 'running'],
    ['a', 'done'],
    ['b', 'running'],
    ['b', 'failed'],
    ['c', 'running'],
    ['c', 'skipped'],
    ['d', 'running'],
    ['d', 'done'],
  ]);
  expect(last.get('b')).toEqual({ state: 'failed', why: refusal });
});
