/** Landlines are entered as 区号 - 座机号 - 分机号 and kept as one text joined by hyphens (R-77, U-02). */

export interface Landline {
  area?: string | undefined;
  number?: string | undefined;
  extension?: string | undefined;
}

const DIGITS = /^[0-9]{1,12}$/;

/** `0451-57028123-0987` as its parts; a text of one part is a number without area code. */
export function splitLandline(text: string | null): Landline {
  const parts = text?.split('-') ?? [];
  const [area, number, extension] = parts.length === 1 ? [undefined, parts[0]] : parts;
  return { area, number, extension };
}

/** The parts as one text; null when all are empty. */
export function joinLandline({ area, number, extension }: Landline): string | null {
  return (
    [area, number, extension]
      .map((part) => part?.trim())
      .filter(Boolean)
      .join('-') || null
  );
}

/** Whether the parts make a landline: a number, with an area code wherever there is an extension. */
export function isLandline(parts: Landline): boolean {
  const { area, number, extension } = parts;
  if (joinLandline(parts) === null) {
    return true;
  }
  const given = [area, number, extension].filter((part): part is string => Boolean(part?.trim()));
  return (
    Boolean(number?.trim()) &&
    (!extension?.trim() || Boolean(area?.trim())) &&
    given.every((p) => DIGITS.test(p.trim()))
  );
}
