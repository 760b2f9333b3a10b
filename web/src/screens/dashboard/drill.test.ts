import { expect, test } from 'vitest';
import { drillPath } from './drill';

test('the list of a figure keeps every filter but the entrance, which the address holds', () => {
  expect(drillPath('provider', 'entrance=provider&tab=all&as_of=2026-01-01T00:00:00%2B08:00')).toBe(
    '/provider/projects?tab=all&as_of=2026-01-01T00%3A00%3A00%2B08%3A00',
  );
});
