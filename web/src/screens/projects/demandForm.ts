/** Filled demand forms (需求表单) as texts. */

/** The name of a field for people. */
export function titleOf(schema: Record<string, unknown> | undefined, field: string): string {
  const properties = schema?.['properties'] as Record<string, { title?: string }> | undefined;
  return properties?.[field]?.title ?? field;
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
