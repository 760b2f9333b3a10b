/** Reference data as a list: the API gives it whole, without pages. */
import type { Page } from '../../wrappers/useList';

export async function whole<Row>(found: Promise<{ items: Row[]; total: number }>): Promise<Page<Row>> {
  return { ...(await found), next: null };
}

/** Codes of reference data, as the API takes them. */
export const CODE = /^[a-z][a-z0-9_]*$/;
