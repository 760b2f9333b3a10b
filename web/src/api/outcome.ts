/**
 * Commands that another service decides answer 202: their outcome is asked for until it is there. The server decides
 * within milliseconds unless something is down, so the pauses begin short.
 */
import { ApiError, answer, api } from '.';

const PATIENCE_MS = 15_000;
const STILL_OPEN = {
  zh: '申请已提交，正在处理中，请稍后刷新查看',
  en: 'Asked for and still being decided, look again soon',
};

/**
 * Wait for the outcome of a request of a project (claim, change of provider or operator).
 * Throws an `ApiError` with the reason where it was refused, and `still-open` when it takes too long.
 */
export async function outcomeOf(projectId: string, requestId: string, patience = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patience;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    const path = { project_id: projectId, request_id: requestId };
    const found = await answer(api.GET('/api/v1/projects/{project_id}/requests/{request_id}', { params: { path } }));
    if (found.outcome === 'done') {
      return;
    }
    if (found.outcome !== null) {
      const text = found.text ?? found.outcome;
      throw new ApiError(409, found.outcome, { zh: text, en: text });
    }
    if (Date.now() > deadline) {
      throw new ApiError(202, 'still-open', STILL_OPEN);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
