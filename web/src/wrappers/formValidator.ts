/** Demand forms (需求表单): their schema, checked in the browser without `eval`, which the CSP refuses. */
import { format, type OutputUnit, Validator } from '@cfworker/json-schema';
import {
  createErrorHandler,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  unwrapErrorHandler,
  type ValidatorType,
  validationDataMerge,
} from '@rjsf/utils';
import formats from '../../../shared/delivery_shared/demand_form_formats.json';

const DRAFT = '2020-12';
// The server's own table: what the console lets pass, the server takes.
for (const [name, pattern] of Object.entries(formats)) {
  const expression = new RegExp(pattern, 'u');
  format[name] = (text) => expression.test(text);
}

/** Units that only say that something below them failed. */
const OUTER = new Set(['properties', 'items', 'allOf', 'additionalProperties', '$ref']);

/** What was expected, as the validator's own words tell it: a format, a kind of number. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  format: /format "([^"]*)"/,
  type: /Expected "(number|integer)"/,
};

/** What is said at a field, by the keyword of the schema that it breaks, and what was expected where it is known. */
export type Words = (keyword: string, expected?: string) => string;

/** A validator for rjsf that speaks with `words`. */
export function validatorOf(words: Words): ValidatorType {
  const raw = (schema: RJSFSchema, data: unknown) =>
    new Validator(schema as ConstructorParameters<typeof Validator>[0], DRAFT, false).validate(asSent(data));
  return {
    isValid: (schema, data, root) => {
      const { $defs, definitions } = root;
      return raw({ ...($defs ? { $defs } : {}), ...(definitions ? { definitions } : {}), ...schema }, data).valid;
    },
    rawValidation: () => ({ errors: [] }),
    validateFormData: (data, schema, customValidate, transformErrors, uiSchema) => {
      const found = raw(schema, data).errors.filter(({ keyword }) => !OUTER.has(keyword));
      let errors = found.map((unit) => errorOf(unit, { schema, data }, words));
      errors = transformErrors ? transformErrors(errors, uiSchema) : errors;
      const checked = { errors, errorSchema: toErrorSchema(errors) };
      if (!customValidate) {
        return checked;
      }
      const handler = customValidate(data, createErrorHandler(data), uiSchema, checked.errorSchema);
      return validationDataMerge(checked, unwrapErrorHandler(handler));
    },
  };
}

/** A missing field is reported by the object around it: it belongs to the field. What is empty is missing, too. */
function errorOf(
  { keyword, instanceLocation, error }: OutputUnit,
  { schema, data }: { schema: RJSFSchema; data: unknown },
  words: Words,
): RJSFValidationError {
  const missing = keyword === 'required' ? /"([^"]*)"/.exec(error)?.[1] : undefined;
  const parts = instanceLocation.replace(/^#\/?/, '').split('/').filter(Boolean).map(unescaped);
  const property = [...parts, ...(missing === undefined ? [] : [missing])].map((part) => `.${part}`).join('');
  const isEmpty = keyword === 'type' && valueAt(data, parts) == null;
  const title = valueAt(schema.properties, [parts[0] ?? '', 'title']);
  const isPhone = keyword === 'pattern' && parts.length === 1 && /电话|手机|phone|mobile/i.test(String(title));
  const expected = EXPECTED[keyword]?.exec(error)?.[1];
  const message = isEmpty ? words('required') : words(keyword, isPhone ? 'phone' : expected);
  return { name: keyword, property, message, stack: `${property} ${message}` };
}

/** The data as they would be sent: what is undefined is null in a list, and not there in an object. */
function asSent(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? {}));
}

function valueAt(data: unknown, parts: readonly string[]): unknown {
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown> | null | undefined)?.[part], data);
}

function unescaped(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
}
