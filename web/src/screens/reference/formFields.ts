/**
 * A demand form as a list of fields, and back as the JSON Schema it is. What no kind of field can say stays in the schema
 * as it was: such a field can be named, moved and taken out, and is changed as JSON.
 */

export const KINDS = [
  'text',
  'long',
  'phone',
  'email',
  'url',
  'number',
  'date',
  'choice',
  'many',
  'list',
  'yes',
] as const;
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
/** How forms of before say that a text is a phone number. */
const PHONES = new Set([PHONE, '^[0-9+-]{5,20}$']);
const USUAL = { text: 100, long: 2000 } as const;
/** Texts that may be longer get an area to write in, see `looks`. */
const LONG = 500;

/** What a field of a kind is at first. */
const BASES: Readonly<Record<Kind, Part>> = {
  text: { type: 'string' },
  long: { type: 'string' },
  phone: { type: 'string', pattern: PHONE },
  email: { type: 'string', format: 'email' },
  url: { type: 'string', format: 'uri' },
  number: { type: 'number' },
  date: { type: 'string', format: 'date' },
  choice: { type: 'string' },
  many: { type: 'array', uniqueItems: true },
  list: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 100 }, maxItems: 20 },
  yes: { type: 'boolean' },
};

/** The part of a schema that a field is: what it was, as far as its kind is still the same, and what was changed. */
function partOf({ kind, options, longest, required, part }: Field): Part {
  const own = kind === 'other' || Object.keys(part).length > 0 ? part : BASES[kind];
  switch (kind) {
    case 'text':
    case 'long':
      return { ...own, ...(required ? { minLength: 1 } : {}), maxLength: longest ?? USUAL[kind] };
    case 'choice':
      return { ...own, enum: options };
    case 'many':
      return { ...own, items: { type: 'string', enum: options }, ...(required ? { minItems: 1 } : {}) };
    case 'list':
      return { ...own, ...(required ? { minItems: 1 } : {}) };
    default:
      return own;
  }
}

/** The keywords that a part has beside those named. */
function beside(part: Part, ...named: string[]): string[] {
  const known = new Set(['title', 'description', 'type', ...named]);
  return Object.keys(part).filter((key) => !known.has(key));
}

function kindOf(part: Part): Kind | 'other' {
  const has = (...named: string[]) => beside(part, ...named).length === 0;
  const items = (part['items'] ?? {}) as Part;
  switch (part['type']) {
    case 'string':
      if (Array.isArray(part['enum'])) {
        return has('enum') ? 'choice' : 'other';
      }
      if (PHONES.has(String(part['pattern']))) {
        return has('pattern') ? 'phone' : 'other';
      }
      if (part['format'] !== undefined) {
        const kind = ({ email: 'email', uri: 'url', date: 'date' } as const)[String(part['format'])];
        return kind && has('format') ? kind : 'other';
      }
      if (!has('minLength', 'maxLength')) {
        return 'other';
      }
      return Number(part['maxLength'] ?? LONG + 1) > LONG ? 'long' : 'text';
    case 'number':
    case 'integer':
      return has('minimum', 'maximum') ? 'number' : 'other';
    case 'boolean':
      return has() ? 'yes' : 'other';
    case 'array':
      if (Array.isArray(items['enum'])) {
        return has('items', 'uniqueItems', 'minItems') && part['uniqueItems'] === true ? 'many' : 'other';
      }
      return has('items', 'minItems', 'maxItems') &&
        items['type'] === 'string' &&
        beside(items, 'minLength', 'maxLength').length === 0
        ? 'list'
        : 'other';
    default:
      return 'other';
  }
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
