/** Whether the cookie of this browser still signs somebody in, asked once when the page is opened. */
import { restore } from '../api/tokens';

/** What became of the session that was there before. `unreachable`: not known, since the server did not answer. */
export type Beginning = 'signed-in' | 'ended' | 'nobody' | 'unreachable';

export let beginning: Beginning = 'nobody';

export const begun: Promise<void> = restore()
  .catch((): Beginning => 'unreachable')
  .then((found) => {
    beginning = found;
  });
