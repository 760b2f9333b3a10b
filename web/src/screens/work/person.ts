/** A person who takes orders, with his load. */
import type { Schema } from '../../api';

export type Person = Schema<'DispatchPersonOut'>;

export function nameOf(person: Person): string {
  return person.name ?? person.login_name ?? '--';
}
