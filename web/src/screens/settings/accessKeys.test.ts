import { expect, test } from 'vitest';
import { byService, networksOf, stateOf, withScope } from './accessKeys';

test('scopes are ticked and unticked, and keep the order of the matrix', () => {
  expect(withScope([], 'template:read', true)).toEqual(['template:read']);
  expect(withScope(['template:read'], 'project:write', true)).toEqual(['project:write', 'template:read']);
  expect(withScope(['project:write', 'template:read'], 'project:write', false)).toEqual(['template:read']);
  expect(withScope(['project:read'], 'project:read', true)).toEqual(['project:read']);
});

test('what a key may do is told service by service', () => {
  expect(byService(['project:write', 'intake:read', 'project:read'])).toEqual([
    { service: 'project', manners: ['read', 'write'] },
    { service: 'intake', manners: ['read'] },
  ]);
  expect(byService([])).toEqual([]);
});

test('networks are typed by line or one behind another', () => {
  expect(networksOf('203.0.113.0/24\n 2001:db8::/32，198.51.100.7\n\n203.0.113.0/24')).toEqual([
    '203.0.113.0/24',
    '2001:db8::/32',
    '198.51.100.7',
  ]);
  expect(networksOf('  ')).toEqual([]);
  expect(networksOf(undefined)).toEqual([]);
});

test('a key is open until it expires, unless it is switched off', () => {
  const now = Date.parse('2026-11-30T00:00:00Z');
  expect(stateOf({ enabled: true, expires_at: null }, now)).toBe('active');
  expect(stateOf({ enabled: true, expires_at: '2026-11-30T00:00:01Z' }, now)).toBe('active');
  expect(stateOf({ enabled: true, expires_at: '2026-11-30T00:00:00Z' }, now)).toBe('expired');
  expect(stateOf({ enabled: false, expires_at: '2026-01-01T00:00:00Z' }, now)).toBe('off');
});
