/** Access keys: what they open, from where, and whether they do. */
import type { Schema } from '../../api';

export type AccessKey = Schema<'IdentityAccessKeyOut'>;
export type Scope = Schema<'IdentityNewAccessKey'>['scopes'][number];

/** The services keys open, in the order they are shown, and what may be done there. */
export const SERVICES = ['project', 'dispatch', 'template', 'reporting', 'notify', 'intake'] as const;
export const MANNERS = ['read', 'write'] as const;

export type Service = (typeof SERVICES)[number];
export type Manner = (typeof MANNERS)[number];

export function scopeOf(service: Service, manner: Manner): Scope {
  return `${service}:${manner}`;
}

/** The scopes with one more or one fewer, in the order of the matrix. */
export function withScope(scopes: readonly string[], scope: Scope, isOn: boolean): Scope[] {
  const next = new Set<string>(scopes);
  isOn ? next.add(scope) : next.delete(scope);
  return SERVICES.flatMap((service) => MANNERS.map((manner) => scopeOf(service, manner))).filter((one) =>
    next.has(one),
  );
}

/** By service, what a key may do there; services it does not open are left out. */
export function byService(scopes: readonly string[]): { service: Service; manners: Manner[] }[] {
  return SERVICES.map((service) => ({
    service,
    manners: MANNERS.filter((manner) => scopes.includes(scopeOf(service, manner))),
  })).filter(({ manners }) => manners.length > 0);
}

/** Networks as they are typed: one a line, or parted by commas and blanks. */
export function networksOf(typed: string | undefined): string[] {
  return [...new Set((typed ?? '').split(/[\s,，;；、]+/).filter((one) => one !== ''))];
}

export type KeyState = 'active' | 'off' | 'expired';

/** `now`: milliseconds. One that is switched off is that, whenever it expires. */
export function stateOf(key: Pick<AccessKey, 'enabled' | 'expires_at'>, now: number): KeyState {
  if (!key.enabled) {
    return 'off';
  }
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'active';
}
