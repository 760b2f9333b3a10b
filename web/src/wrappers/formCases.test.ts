/** The console decides on filled forms as the server does: the cases are those of `shared/tests/test_demand_forms.py`. */
import type { RJSFSchema } from '@rjsf/utils';
import { expect, test } from 'vitest';
import known from '../../../shared/tests/demand_form_cases.json';
import { validatorOf } from './formValidator';

interface Case {
  takes: unknown[];
  refuses: unknown[];
}

const cases: {
  patterns: (Case & { pattern: string })[];
  formats: Record<string, Case>;
  forms: (Case & Record<string, unknown>)[];
} = known;
const validator = validatorOf((keyword) => keyword);

/** The values of a case that `schema` takes or refuses against what is said. */
function wrong(schema: RJSFSchema, { takes, refuses }: Case): unknown[] {
  const isTaken = (value: unknown) => validator.isValid(schema, value, schema);
  return [...takes.filter((value) => !isTaken(value)), ...refuses.filter(isTaken)];
}

test.each(cases.patterns)('the pattern $pattern means what it means on the server', ({ pattern, ...values }) => {
  expect(wrong({ pattern }, values)).toEqual([]);
});

test.each(Object.entries(cases.formats))('the format %s is the same as on the server', (name, values) => {
  expect(wrong({ format: name }, values)).toEqual([]);
});

test.each(cases.forms)('a form is decided on as on the server: %o', ({ takes, refuses, ...schema }) => {
  expect(wrong({ type: 'object', ...schema }, { takes, refuses })).toEqual([]);
});
