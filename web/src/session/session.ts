/** Who is signed in: signing in and out, the first password, own data and menus. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import createClient from 'openapi-fetch';
import { useSyncExternalStore } from 'react';
import { answer, api, type Schema } from '../api';
import { queries } from '../api/queries';
import type { paths } from '../api/schema';
import * as tokens from '../api/tokens';
import { positions, sendAsNobody } from '../api/transport';

/** Signing in asks for nobody's token: the one held may be of a session that has ended. */
export const signInClient = createClient<paths>({ baseUrl: globalThis.location?.origin, fetch: sendAsNobody });

export type Me = Schema<'IdentityMeOut'>;
export type Entrance = Schema<'IdentityEntrance'>;

/** The tokens of the present session; renders anew when someone signs in or out, in any tab. */
export function useTokens(): tokens.Tokens | null {
  return useSession().tokens;
}

/** The same, with whether it has ended and its person has to sign in again. */
export function useSession(): tokens.Session {
  return useSyncExternalStore(tokens.onChange, tokens.presentSession);
}

/** Nothing that was read before belongs to whoever signs in now, unless it is the same person again. */
export async function signIn(loginName: string, password: string, code?: string): Promise<void> {
  const before = tokens.tokens()?.person;
  const body = { login_name: loginName, password, cookie: true, code: code ?? null };
  hasParted = false;
  const signedIn = await answer(signInClient.POST('/api/v1/sessions', { body }));
  if (tokens.keep(signedIn).person !== before) {
    queries.clear();
    positions.clear();
  }
  if (!signedIn.must_change_password) {
    void Promise.all([queries.prefetchQuery(ME), queries.prefetchQuery(MENUS)]); // every page needs them
  }
}

let hasParted = false;

/** Whether who was here signed out himself: who comes next does not begin where he was. */
export function parted(): boolean {
  return hasParted;
}

/** Ends the session on the server as well; where that fails the tokens are forgotten all the same. */
export async function signOut(): Promise<void> {
  try {
    if (!tokens.presentSession().ended) {
      await api.DELETE('/api/v1/sessions/current');
    }
  } finally {
    hasParted = true;
    tokens.forget();
    queries.clear();
    positions.clear();
  }
}

/** Change the own password. Every token issued so far is void then, so new ones are fetched at once (U-28, U-29). */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  const held = tokens.tokens();
  await api.PUT('/api/v1/me/password', { body: { current_password: currentPassword, new_password: newPassword } });
  if (held !== null) {
    await tokens.renewed(held);
  }
}

/** Whether the one who looks came by a link: he is nobody but the customer of one project. */
export function useIsGuest(): boolean {
  return useTokens()?.project !== undefined;
}

const ME = queryOptions({ queryKey: ['me'], queryFn: () => answer(api.GET('/api/v1/me')), staleTime: 60_000 });
const MENUS = queryOptions({
  queryKey: ['menus'],
  queryFn: async () => (await answer(api.GET('/api/v1/me/menus'))).entrances,
  staleTime: 10 * 60_000,
});

export function useMe() {
  return useQuery({ ...ME, enabled: !useIsGuest() });
}

/** The entrances open to the caller, each with its menus, in the order of the manual (G-16 … G-28). */
export function useEntrances() {
  return useQuery({ ...MENUS, enabled: !useIsGuest() });
}

export function holds(me: Me | undefined, role: string): boolean {
  return me?.roles.some((held) => held.role === role) ?? false;
}
