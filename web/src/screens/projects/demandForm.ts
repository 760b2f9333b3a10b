/** Filled demand forms (需求表单) as texts. */

export interface Field {
  name: string;
  title: string;
}

/** The fields that were filled, in the order of the form; what the form no longer has comes last, by its name. */
export function fieldsOf(form: readonly Field[], data: object): Field[] {
  const filled = form.filter(({ name }) => name in data);
  const known = new Set(filled.map(({ name }) => name));
  const others = Object.keys(data).filter((name) => !known.has(name));
  return [...filled, ...others.map((name) => ({ name, title: name }))];
}

/** A value of a filled form as text. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(valueText).join('、');
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, inner]) => `${name}: ${valueText(inner)}`)
      .join('；');
  }
  return value === null || value === undefined || value === '' ? '--' : String(value);
}
