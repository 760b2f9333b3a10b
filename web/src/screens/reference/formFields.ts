/**
 * A demand form as a list of fields, and back as the JSON Schema it is. What no kind of field can say stays in the schema
 * as it was: such a field can be named, moved and taken out, and is changed as JSON.
 */

export const KINDS = ['text', 'long', 'phone', 'email', 'url', 'number', 'date', 'choice', 'many', 'yes'] as const;
export type Kind = (typeof KINDS)[number];

export interface Field {
  /** Its name in the answer; it never changes, as answers are kept under it. */
  name: string;
  title: string;
  hint: string;
  required: boolean;
  /** `other`: said by `part` alone. */
  kind: Kind | 'other';
  /** Of a choice. */
  options: readonly string[];
  /** Characters of a text at most. */
  longest: number | undefined;
  part: Part;
}

export type Part = Record<string, unknown>;
export type JsonSchema = Record<string, unknown>;

const PHONE = '^(1[3-9][0-9]{9}|[+][0-9]{6,18})$';
const USUAL = { text: 100, long: 2000 } as const;
/** Texts that may be longer get an area to write in, see `looks`. */
const LONG = 500;
/** What a part says beside its kind. */
const BESIDE = new Set(['title', 'description', 'minLength', 'maxLength', 'minItems']);

/** The part of a schema that a kind of field is. */
function partOf({ kind, options, longest, required, part }: Field): Part {
  const least = required ? { minLength: 1 } : {};
  switch (kind) {
    case 'text':
    case 'long':
      return { type: 'string', ...least, maxLength: longest ?? USUAL[kind] };
    case 'phone':
      return { type: 'string', pattern: PHONE };
    case 'email':
      return { type: 'string', format: 'email' };
    case 'url':
      return { type: 'string', format: 'uri' };
    case 'number':
      return { type: 'number' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'choice':
      return { type: 'string', enum: options };
    case 'many':
      return {
        type: 'array',
        items: { type: 'string', enum: options },
        uniqueItems: true,
        ...(required ? { minItems: 1 } : {}),
      };
    case 'yes':
      return { type: 'boolean' };
    default:
      return part;
  }
}

function kindOf(part: Part): Kind | 'other' {
  const said = Object.fromEntries(Object.entries(part).filter(([key]) => !BESIDE.has(key)));
  const is = (pattern: Part) => JSON.stringify(sorted(said)) === JSON.stringify(sorted(pattern));
  const longest = Number(part['maxLength'] ?? 0);
  const items = part['items'] as Part | undefined;
  if (is({ type: 'string' })) {
    return longest > LONG || longest === 0 ? 'long' : 'text';
  }
  if (Array.isArray(part['enum']) && is({ type: 'string', enum: part['enum'] })) {
    return 'choice';
  }
  if (
    Array.isArray(items?.['enum']) &&
    is({ type: 'array', items: { type: 'string', enum: items['enum'] }, uniqueItems: true })
  ) {
    return 'many';
  }
  const simple: [Kind, Part][] = [
    ['phone', { type: 'string', pattern: PHONE }],
    ['email', { type: 'string', format: 'email' }],
    ['url', { type: 'string', format: 'uri' }],
    ['date', { type: 'string', format: 'date' }],
    ['number', { type: 'number' }],
    ['yes', { type: 'boolean' }],
  ];
  return simple.find(([, pattern]) => is(pattern))?.[0] ?? 'other';
}

function sorted(part: Part): Part {
  return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function fieldsOf(schema: JsonSchema): Field[] {
  const required = new Set(schema['required'] as string[] | undefined);
  return Object.entries((schema['properties'] ?? {}) as Record<string, Part>).map(([name, part]) => {
    const kind = kindOf(part);
    const items = part['items'] as Part | undefined;
    return {
      name,
      title: String(part['title'] ?? name),
      hint: String(part['description'] ?? ''),
      required: required.has(name),
      kind,
      options: ((kind === 'many' ? items?.['enum'] : part['enum']) as string[] | undefined) ?? [],
      longest: kind === 'text' || kind === 'long' ? (part['maxLength'] as number | undefined) : undefined,
      part,
    };
  });
}

/** The schema with these fields in this order; what it says beside them stays. */
export function withFields(schema: JsonSchema, fields: readonly Field[]): JsonSchema {
  const properties = fields.map((field): [string, Part] => {
    const { title: _title, description: _hint, ...part } = partOf(field);
    return [field.name, { title: field.title, ...(field.hint ? { description: field.hint } : {}), ...part }];
  });
  return {
    ...schema,
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(properties),
  };
}

/** A new field, of a name that no other has. */
export function newField(fields: readonly Field[], title: string): Field {
  const names = new Set(fields.map(({ name }) => name));
  let number = fields.length + 1;
  while (names.has(`field_${number}`)) {
    number += 1;
  }
  return {
    name: `field_${number}`,
    title,
    hint: '',
    required: false,
    kind: 'text',
    options: [],
    longest: USUAL.text,
    part: {},
  };
}

/** The field at `from` put to `to`. */
export function moved<Item>(list: readonly Item[], from: number, to: number): Item[] {
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}
