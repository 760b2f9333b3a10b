import { expect, test } from 'vitest';
import { dispatchAll, type Result, type Waiting } from './dispatching';

const row = (order_number: string, queued_at: string) => ({ order_number, queued_at }) as Waiting;

test('several are tried one after the other, the longest waiting first, each with its own result', async () => {
  const told: [string, Result][] = [];
  let underWay = 0;
  const attempt = async (one: Waiting): Promise<Result> => {
    expect(++underWay).toBe(1);
    await Promise.resolve();
    underWay--;
    return one.order_number === '2' ? { outcome: 'waiting', reason: '项目已暂停' } : { outcome: 'assigned' };
  };
  const rows = [row('3', '2026-11-23T03:00:00Z'), row('1', '2026-11-23T01:00:00Z'), row('2', '2026-11-23T02:00:00Z')];
  await dispatchAll(rows, attempt, (one, result) => told.push([one.order_number, result]));
  expect(told).toEqual([
    ['1', { outcome: 'assigned' }],
    ['2', { outcome: 'waiting', reason: '项目已暂停' }],
    ['3', { outcome: 'assigned' }],
  ]);
});
