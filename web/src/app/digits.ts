/** Numbers as East Asian keyboards write them: full-width digits and points are the same digits. */
export function plainDigits(typed: string): string {
  return typed.normalize('NFKC').replaceAll('。', '.').trim();
}
