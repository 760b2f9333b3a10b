/** Mobile numbers as people type and paste them: 138 0000 0000, +86-13800000000, １３８… (U-02). */

/** As it is sent: ASCII digits, without what only groups them; a number of China without its country. */
export function mobileOf(typed: string): string {
  const plain = typed.normalize('NFKC').replaceAll(/[\s()\u2010-\u2015-]/g, '');
  return plain.replace(/^(?:\+86|0086)(?=1[3-9]\d{9}$)/, '');
}

/** A mobile number of China, or one of elsewhere with + and its country. Nothing is one, too. */
export function isMobile(typed: string): boolean {
  const number = mobileOf(typed);
  return (
    number === '' || /^1[3-9]\d{9}$/.test(number) || (/^\+[1-9]\d{6,14}$/.test(number) && !number.startsWith('+86'))
  );
}
