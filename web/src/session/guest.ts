/** A customer without an account: what a link opens, a new one, and the code that lets a device decide. */
import { answer, api, type Schema } from '../api';
import { answerCode, becomeGuest, stopBeingGuest } from '../api/guest';
import { queries } from '../api/queries';
import * as tokens from '../api/tokens';
import { positions } from '../api/transport';
import { codeOf } from './secondFactor';
import { signIn, signInClient } from './session';

export type Look = Schema<'IdentityLook'>;

/** What stands in the address after `#`: no server sees it. */
export function tokenOf(hash: string): string {
  return hash.replace(/^#/, '');
}

export function look(token: string): Promise<Look> {
  return answer(signInClient.POST('/api/v1/links/look', { body: { token } }));
}

/** Open the link's project in this tab; returns where it is shown. */
export async function enter(token: string): Promise<string> {
  const entered = await answer(signInClient.POST('/api/v1/links/sessions', { body: { token } }));
  queries.clear();
  positions.clear();
  becomeGuest(entered.project_id);
  tokens.keepGuest(entered);
  return pathOf(entered.project_id);
}

export function pathOf(projectId: string): string {
  return `/customer/purchased-services/${projectId}`;
}

/** Have a new link sent to whom the order names. */
export async function renew(token: string): Promise<void> {
  await signInClient.POST('/api/v1/links/renewals', { body: { token } });
}

export async function leave(): Promise<void> {
  try {
    if (!tokens.presentSession().ended) {
      await api.DELETE('/api/v1/links/sessions/current');
    }
  } finally {
    answerCode(false);
    stopBeingGuest();
    tokens.forgetGuest();
    queries.clear();
    positions.clear();
  }
}

/** The account just claimed is signed in, in place of the link's session, which can be opened again. */
export async function enterAccount(loginName: string, password: string): Promise<void> {
  await signIn(loginName, password);
  stopBeingGuest();
}

export async function sendCode(): Promise<void> {
  await api.POST('/api/v1/links/codes');
}

/** Show the code: whoever waited for it goes on. */
export async function showCode(typed: string): Promise<void> {
  tokens.keepGuest(await answer(api.POST('/api/v1/links/codes/confirmation', { body: { code: codeOf(typed) } })));
  answerCode(true);
}
