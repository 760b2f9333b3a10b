/** 分单: one attempt, or several one after the other with a result per row. */

import type { Language } from '../../api';
import { answer, api, messageOf, type Schema } from '../../api';

export type Waiting = Schema<'DispatchWaitingOut'>;

/** With a reason: it stays in the queue – tried in vain, or refused, for example because the project is paused. */
export type Result = { outcome: 'assigned' } | { outcome: 'pending' } | { outcome: 'waiting'; reason: string };

export async function dispatch(requestId: string, language: Language): Promise<Result> {
  const path = { request_id: requestId };
  try {
    const attempt = await answer(api.POST('/api/v1/queue/{request_id}/dispatch', { params: { path } }));
    if (attempt.status === 'waiting') {
      return { outcome: 'waiting', reason: String(attempt.reason_text ?? attempt.reason) };
    }
    return attempt.status === 'assigned' ? { outcome: 'assigned' } : { outcome: 'pending' };
  } catch (error) {
    return { outcome: 'waiting', reason: messageOf(error, language) };
  }
}

/** All of them in the order of the queue, so that whoever waits longest is tried first (D-37). */
export async function dispatchAll(
  rows: readonly Waiting[],
  attempt: (row: Waiting) => Promise<Result>,
  tell: (row: Waiting, result: Result) => void,
): Promise<void> {
  for (const row of [...rows].sort((a, b) => a.queued_at.localeCompare(b.queued_at))) {
    tell(row, await attempt(row));
  }
}
