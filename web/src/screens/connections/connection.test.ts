import { expect, test } from 'vitest';
import { failuresIn, type Health, stepsDone, troublesOf, wholeAddress } from './connection';

const WELL: Health = {
  answered: 3,
  last_notice_at: '2026-11-30T02:00:00Z',
  skew_ms: 120,
  signature_errors: 0,
  last_signature_error_at: null,
  clock_errors: 0,
  last_clock_error_at: null,
  malformed: 0,
  last_malformed_at: null,
  parked: 0,
  refused: 0,
  unready: 0,
  unready_since: null,
};

test('the steps are done one after another', () => {
  expect(stepsDone({ has_secret: false, stage: 'draft' }, 5)).toBe(0);
  expect(stepsDone({ has_secret: true, stage: 'draft' }, 0)).toBe(1);
  expect(stepsDone({ has_secret: true, stage: 'draft' }, 1)).toBe(2);
  expect(stepsDone({ has_secret: true, stage: 'test' }, 1)).toBe(3);
  expect(stepsDone({ has_secret: true, stage: 'live' }, 1)).toBe(4);
});

test('errors count until something comes right after them', () => {
  expect(troublesOf(WELL)).toEqual([]);
  const before = { signature_errors: 2, last_signature_error_at: '2026-11-30T01:00:00Z' };
  expect(troublesOf({ ...WELL, ...before })).toEqual([]);
  const after = { signature_errors: 2, last_signature_error_at: '2026-11-30T02:00:01Z' };
  expect(troublesOf({ ...WELL, ...after })).toEqual(['signature']);
  expect(troublesOf({ ...WELL, ...before, last_notice_at: null })).toEqual(['signature']);
});

test('clocks apart either way, and what waits for somebody', () => {
  expect(troublesOf({ ...WELL, skew_ms: -12_000, parked: 1 })).toEqual(['skew', 'parked']);
  expect(troublesOf({ ...WELL, skew_ms: null })).toEqual([]);
});

test('failures are all calls of which nothing was stored', () => {
  expect(failuresIn({ ...WELL, signature_errors: 2, clock_errors: 3, malformed: 4 })).toBe(9);
  expect(failuresIn({ ...WELL, parked: 1 })).toBe(0);
});

test('the address is that of this host', () => {
  expect(wholeAddress('/intake/huawei/abc', 'https://delivery.example.com')).toBe(
    'https://delivery.example.com/intake/huawei/abc',
  );
});
