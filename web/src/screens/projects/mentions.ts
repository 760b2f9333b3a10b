/** Who is meant by the names in a text: those that were chosen while it was written and still stand in it. */

export interface Chosen {
  user_id: string;
  name: string;
}

export function mentioned(text: string, chosen: readonly Chosen[]): string[] {
  return [...new Set(chosen.filter(({ name }) => text.includes(`@${name}`)).map(({ user_id }) => user_id))];
}

/** People with names that tell them apart: the second of a name gets its number. */
export function named<Person extends Chosen>(people: readonly Person[]): Person[] {
  const met = new Map<string, number>();
  return people.map((one) => {
    const place = (met.get(one.name) ?? 0) + 1;
    met.set(one.name, place);
    return place === 1 ? one : { ...one, name: `${one.name}(${place})` };
  });
}

/** A text in parts; `isName`: the part is the name of somebody who was told, with its @. Longer names come first. */
export function namesIn(text: string, names: readonly string[]): { part: string; isName: boolean }[] {
  const known = names
    .filter((name) => name !== '' && name !== '--')
    .map((name) => `@${name}`)
    .toSorted((one, other) => other.length - one.length);
  const parts: { part: string; isName: boolean }[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const name = known.find((one) => text.startsWith(one, at));
    if (name === undefined) {
      plain += text[at];
      at += 1;
    } else {
      if (plain !== '') {
        parts.push({ part: plain, isName: false });
        plain = '';
      }
      parts.push({ part: name, isName: true });
      at += name.length;
    }
  }
  return plain === '' ? parts : [...parts, { part: plain, isName: false }];
}
