/** 最大持单量 of a person, as it is typed (D-56). */
const WHOLE = /^(?:[0-9]|[1-4][0-9]|50)$/;

/** The number typed. */
export function maximumOf(typed: string): number {
  return Number(typed.normalize('NFKC').trim());
}

/** An integer from 0 to 50; what is empty is left to other rules. */
export function refuseOutside(typed: string | undefined, message: string): void {
  if (typed?.trim() && !WHOLE.test(typed.normalize('NFKC').trim())) {
    throw new Error(message);
  }
}
