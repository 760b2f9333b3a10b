/** A JSON Schema as somebody types it. */

export type ReadSchema =
  | { schema: Record<string, unknown> }
  | { problem: 'json'; reason: string }
  | { problem: 'object' };

/** Demand forms describe an object; everything finer is the server's to refuse. */
export function readSchema(text: string): ReadSchema {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { problem: 'json', reason: error instanceof Error ? error.message : String(error) };
  }
  const isObject = typeof found === 'object' && found !== null && 'type' in found && found.type === 'object';
  return isObject ? { schema: found as Record<string, unknown> } : { problem: 'object' };
}
