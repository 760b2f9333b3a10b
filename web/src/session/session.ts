/** Who is signed in: signing in and out, the first password, own data and menus. */
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { answer, api, type Schema } from '../api';
import { queries } from '../api/queries';
import * as tokens from '../api/tokens';
import { positions } from '../api/transport';

export type Me = Schema<'IdentityMeOut'>;
export type Entrance = Schema<'IdentityEntrance'>;

/** The tokens of the present session; renders anew when someone signs in or out, in any tab. */
export function useTokens(): tokens.Tokens | null {
  return useSyncExternalStore(tokens.onChange, tokens.tokens);
}

export async function signIn(loginName: string, password: string): Promise<void> {
  queries.clear();
  positions.clear();
  tokens.keep(await answer(api.POST('/api/v1/sessions', { body: { login_name: loginName, password } })));
}

/** Ends the session on the server as well; where that fails the tokens are forgotten all the same. */
export async function signOut(): Promise<void> {
  try {
    await api.DELETE('/api/v1/sessions/current');
  } finally {
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

export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: () => answer(api.GET('/api/v1/me')), staleTime: 60_000 });
}

/** The entrances open to the caller, each with its menus, in the order of the manual (G-16 … G-28). */
export function useEntrances() {
  return useQuery({
    queryKey: ['menus'],
    queryFn: async () => (await answer(api.GET('/api/v1/me/menus'))).entrances,
    staleTime: 10 * 60_000,
  });
}

export function holds(me: Me | undefined, role: string): boolean {
  return me?.roles.some((held) => held.role === role) ?? false;
}
