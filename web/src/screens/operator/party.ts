/** Who the platform deals with. */
import type { Schema } from '../../api';
import type { PasswordOnceProps } from '../settings/PasswordOnce';

export type Party = Schema<'IdentityPartyOut'>;

/** What is shown once about an account just made or helped. */
export type Secret = Omit<PasswordOnceProps, 'onClose'>;
