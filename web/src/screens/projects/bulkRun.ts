/** The same command for several rows, one after the other, with a result per row; what failed can be tried again. */

export type Result = { state: 'waiting' | 'running' | 'done' } | { state: 'failed' | 'skipped'; why: unknown };

/** Thrown by a command that does not apply to a row: nothing was sent, and trying again would not help. */
export class NotApplicable extends Error {}

/** Run `command` for each row that is not done, telling of every change. A refusal does not stop the others. */
export async function runEach<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  command: (row: Row) => Promise<unknown>,
  tell: (key: string, result: Result) => void,
): Promise<void> {
  for (const row of rows) {
    const key = keyOf(row);
    tell(key, { state: 'running' });
    try {
      await command(row);
      tell(key, { state: 'done' });
    } catch (error) {
      tell(key, { state: error instanceof NotApplicable ? 'skipped' : 'failed', why: error });
    }
  }
}
