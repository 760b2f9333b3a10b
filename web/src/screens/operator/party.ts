/** Who the platform deals with. */
import type { Schema } from '../../api';

export type Party = Schema<'IdentityPartyOut'>;
