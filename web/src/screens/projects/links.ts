/** Web addresses in what people write. */

const ADDRESS = /https?:\/\/[^\s<>"'，。；、！？（）【】「」]+[^\s<>"'，。；、！？（）【】「」.,;:!?)\]]/g;

/** A text in parts; those that are addresses have `href`. */
export function linksIn(text: string): { part: string; href?: string }[] {
  const parts: { part: string; href?: string }[] = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    if (found.index > end) {
      parts.push({ part: text.slice(end, found.index) });
    }
    parts.push({ part: found[0], href: found[0] });
    end = found.index + found[0].length;
  }
  return end < text.length ? [...parts, { part: text.slice(end) }] : parts;
}
