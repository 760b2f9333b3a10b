import { expect, test } from 'vitest';
import { byUrgency, stepTo, type Task, taskOf } from './work';

const task = (key: string, more: Partial<Task> = {}): Task => ({
  key,
  path: '',
  title: '',
  about: '',
  left: null,
  isOverdue: false,
  since: '2026-11-29T00:00:00Z',
  ...more,
});

test('what is overdue comes first, then what has the least time left, then the oldest', () => {
  const tasks = [
    task('new'),
    task('old', { since: '2026-11-01T00:00:00Z' }),
    task('tomorrow', { left: 86_400 }),
    task('soon', { left: 60 }),
    task('late', { left: -10, isOverdue: true }),
    task('later', { left: -99, isOverdue: true }),
  ];
  expect(tasks.toSorted(byUrgency).map(({ key }) => key)).toEqual(['later', 'late', 'soon', 'tomorrow', 'old', 'new']);
});

const row = (limit: object) =>
  ({
    project_id: 'p',
    product_name: '官网',
    order_number: '1',
    stage: '设计',
    customer_name: null,
    created_at: '2026-11-29T00:00:00Z',
    overdue: null,
    limit,
  }) as never;

test('a clock that stands does not count as urgent', () => {
  const resting = taskOf(row({ remaining_seconds: 60, stands: 'paused' }), '/x');
  expect(resting).toMatchObject({ title: '官网 · 1', about: '设计', left: null, isOverdue: false });
});

test('what is over time is overdue for those, too, who are shown no mark', () => {
  expect(taskOf(row({ remaining_seconds: -60, stands: null }), '/x')).toMatchObject({ left: -60, isOverdue: true });
  expect(taskOf(row({ remaining_seconds: -60, stands: 'day_off' }), '/x')).toMatchObject({ isOverdue: true });
  expect(taskOf(row({ remaining_seconds: -60, stands: 'held' }), '/x')).toMatchObject({ left: null, isOverdue: false });
});

test('j and k walk through the list and stay within it', () => {
  expect([stepTo('j', -1, 3), stepTo('ArrowDown', 2, 3), stepTo('k', 0, 3), stepTo('ArrowUp', 2, 3)]).toEqual([
    0, 2, 0, 1,
  ]);
  expect([stepTo('x', 0, 3), stepTo('j', 0, 0)]).toEqual([undefined, undefined]);
});
