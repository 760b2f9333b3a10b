/** The order of names as Chinese readers expect it: by pinyin, and numbers – 一, 二, 三 as well as 1, 2, 10 – by size. */

const NUMERALS = '零一二三四五六七八九';
const COLLATOR = new Intl.Collator('zh-CN', { numeric: true, sensitivity: 'base' });

/** Chinese numbers up to 99 as digits: 十二 → 12. */
function withDigits(name: string): string {
  return name
    .replaceAll(/([一二三四五六七八九])?十([一二三四五六七八九])?/g, (_, tens?: string, ones?: string) =>
      String((tens ? NUMERALS.indexOf(tens) : 1) * 10 + (ones ? NUMERALS.indexOf(ones) : 0)),
    )
    .replaceAll(/[一二三四五六七八九]/g, (numeral) => String(NUMERALS.indexOf(numeral)));
}

export function byName(one: string, other: string): number {
  return COLLATOR.compare(withDigits(one), withDigits(other));
}
