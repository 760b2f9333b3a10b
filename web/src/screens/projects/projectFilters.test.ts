import { expect, test } from 'vitest';
import { withoutEmpty } from '../../wrappers/useFilters';
import { apiQuery, FILTERS } from './projectFilters';

test('days are counted in the time zone of the platform, the last one included', () => {
  expect(apiQuery({ tab: 'running', from_day: '2026-11-23', to_day: '2026-11-23' })).toEqual({
    tab: 'running',
    created_from: '2026-11-22T16:00:00.000Z',
    created_to: '2026-11-23T16:00:00.000Z',
  });
});

test('empty filters are not sent', () => {
  expect(withoutEmpty({ order_number: '', stage: null, tab: 'paused' })).toEqual({ tab: 'paused' });
});

test('an address can hold only what the API knows', () => {
  expect(FILTERS.tab.parse('paused')).toBe('paused');
  expect(FILTERS.tab.parse('everything')).toBeNull();
  expect(FILTERS.overdue.parse('server')).toBe('server');
  expect(FILTERS.hold.parse('expired')).toBe('expired');
  expect(FILTERS.hold.parse('paused')).toBeNull();
});

test('what a figure counts is listed by a filter of the bar', () => {
  expect(FILTERS.unpaid.parse('false')).toBe('false');
  expect(apiQuery({ tab: 'all', unpaid: 'false' })).toEqual({ tab: 'all', unpaid: false });
  expect(apiQuery({ tab: 'all', unpaid: 'true' })).toEqual({ tab: 'all', unpaid: true });
});
