import { expect, test } from 'vitest';
import type { Me } from '../session/session';
import { pagesBeside } from './beside';

const entrance = (entrance: string) => ({ entrance, name: '', menus: [] });
const me = (...roles: string[]) => ({ roles: roles.map((role) => ({ role, name: role })) }) as unknown as Me;
const paths = (...given: Parameters<typeof pagesBeside>) => pagesBeside(...given)?.pages.map(({ path }) => path);

test('the main account of a vendor has its ways in for programs, in the entrance of the vendor only', () => {
  const admin = me('vendor_admin', 'provider_admin');
  expect(paths(entrance('vendor'), admin)).toEqual(['/vendor/connections', '/vendor/access-keys']);
  expect(pagesBeside(entrance('provider'), admin)).toBeUndefined();
  expect(pagesBeside(entrance('vendor'), me('vendor_project_manager'))).toBeUndefined();
  expect(pagesBeside(entrance('vendor'), undefined)).toBeUndefined();
});

test('the operator has the pages of the platform', () => {
  expect(paths(entrance('operator'), me('platform_operator'))).toEqual([
    '/operator/parties',
    '/operator/buyers',
    '/operator/connections',
    '/operator/outbox',
    '/operator/status',
  ]);
});
