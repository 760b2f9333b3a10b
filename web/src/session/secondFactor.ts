/** 两步验证: a code of an authenticator app (TOTP) beside the password. */
import { answer, api, type Schema } from '../api';
import { ApiError } from '../api/problem';
import * as tokens from '../api/tokens';
import { signIn, signInClient } from './session';

export type Secret = Schema<'IdentitySecondFactorSecret'>;

/** What the server asks for beside the password; undefined: nothing, the error is another. */
export function askedFor(error: unknown): 'code' | 'setup' | undefined {
  const slug = error instanceof ApiError ? error.slug : undefined;
  return slug === 'second-factor-missing' ? 'code' : slug === 'second-factor-demanded' ? 'setup' : undefined;
}

/** Six digits, however they were typed: with spaces, or in full width. */
export function codeOf(typed: string): string {
  return typed.normalize('NFKC').replaceAll(/\D/g, '');
}

export function isCode(typed: string): boolean {
  return /^\d{6}$/.test(codeOf(typed));
}

/** A secret in groups of four, so that it can be typed. */
export function inFours(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}

/** A new secret for whoever has this password. It counts from the first sign-in with a code of it on. */
export function begin(loginName: string, password: string): Promise<Secret> {
  return answer(signInClient.POST('/api/v1/sessions/second-factor', { body: { login_name: loginName, password } }));
}

/** Sign in with the first code, in place of the session there is. */
export async function confirm(loginName: string, password: string, code: string): Promise<void> {
  const before = (await answer(api.GET('/api/v1/me/sessions'))).items.find(({ current }) => current);
  await signIn(loginName, password, codeOf(code));
  if (before) {
    await endSession(before.session_id);
  }
}

export async function giveUp(code: string): Promise<void> {
  await api.POST('/api/v1/me/second-factor/removal', { body: { code: codeOf(code) } });
}

/** End one of the own sessions, or all others; tokens issued so far are void then, so new ones are fetched. */
export async function endSession(sessionId?: string): Promise<void> {
  await (sessionId === undefined
    ? api.DELETE('/api/v1/me/sessions')
    : api.DELETE('/api/v1/me/sessions/{session_id}', { params: { path: { session_id: sessionId } } }));
  const held = tokens.tokens();
  if (held !== null) {
    await tokens.renewed(held);
  }
}
