import { expect, test } from 'vitest';
import { troubles } from './troubles';

const quiet = {
  service: 'project',
  outbox: { last: 9, published: 9, waiting: 0, oldest_seconds: 0 },
  feeds: [{ feed: 'project', source: 'dispatch', position: 4, parked: 0, retrying: 0, oldest_parked_seconds: 0 }],
  own: { timers_late: 0, timers_late_seconds: 0 },
};

test('a quiet service has no troubles, whatever waits in queues for free capacity', () => {
  expect(troubles(quiet)).toEqual([]);
  expect(troubles({ ...quiet, own: { waiting: 7, oldest_waiting_seconds: 90_000, calendar_days: 400 } })).toEqual([]);
});

test('what is parked, late or running out is named', () => {
  const parked = quiet.feeds.map((feed) => ({ ...feed, parked: 1 }));
  expect(troubles({ ...quiet, feeds: parked })).toEqual(['parked']);
  expect(troubles({ ...quiet, own: { timers_late: 1, timers_late_seconds: 61 } })).toEqual(['timers']);
  expect(troubles({ ...quiet, own: { calendar_days: 29 } })).toEqual(['calendar']);
  expect(troubles({ ...quiet, own: { oldest_due_seconds: 61 } })).toEqual(['stuck']);
  expect(troubles({ ...quiet, own: { oldest_report_seconds: 7200, parked_reports: 0 } })).toEqual([]);
  expect(troubles({ ...quiet, own: { oldest_report_seconds: 7201 } })).toEqual(['stuck']);
  expect(troubles({ ...quiet, own: { overdue_orders: 1, parked_notices: 1 } })).toEqual(['parked', 'stuck']);
  expect(troubles({ ...quiet, outbox: { ...quiet.outbox, oldest_seconds: 61 } })).toEqual(['lag']);
});
