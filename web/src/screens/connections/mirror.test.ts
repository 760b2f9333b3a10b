import { expect, test } from 'vitest';
import { knownReport, mirrorState } from './mirror';

const well = { enabled: true, error: null, parked: 0, waiting: 0 };

test('the worst is told first', () => {
  expect(mirrorState(well)).toBe('well');
  expect(mirrorState({ ...well, waiting: 2 })).toBe('waiting');
  expect(mirrorState({ ...well, waiting: 2, parked: 1 })).toBe('parked');
  expect(mirrorState({ ...well, parked: 1, error: 'unreachable: ConnectError' })).toBe('unreachable');
  expect(mirrorState({ ...well, error: 'refused: SignatureDoesNotMatch' })).toBe('refused');
  expect(mirrorState({ ...well, enabled: false, error: 'unreachable: 503', waiting: 3 })).toBe('off');
});

test('codes of the marketplace are shown as they are', () => {
  expect(knownReport('behind')).toBe('behind');
  expect(knownReport('IllegalOperatorRole')).toBeUndefined();
  expect(knownReport(null)).toBeUndefined();
});
