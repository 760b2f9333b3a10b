/** Who the platform deals with, and the account data shown once when a user of his is made. */
import type { Schema } from '../../api';

export type Party = Schema<'IdentityPartyOut'>;

export interface Secret {
  loginName: string;
  password: string;
}
