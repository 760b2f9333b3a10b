/** A JSON Schema as a form to look at and try; nothing is sent. Checked without `eval`, which the CSP refuses. */
import { type Schema as JsonSchema, Validator } from '@cfworker/json-schema';
import Form from '@rjsf/antd';
import { type RJSFSchema, toErrorSchema, type ValidatorType } from '@rjsf/utils';

const check = (schema: RJSFSchema, data: unknown, root: RJSFSchema = schema) =>
  new Validator({ ...root, ...schema } as JsonSchema, '2020-12', false).validate(data ?? {});

const validator: ValidatorType = {
  isValid: (schema, data, root) => check(schema, data, root).valid,
  rawValidation: () => ({ errors: [] }),
  validateFormData: (data, schema) => {
    const errors = check(schema, data)
      .errors.filter(({ keyword }) => keyword !== 'properties')
      .map(({ instanceLocation, error }) => ({
        property: instanceLocation.replace(/^#/, '').replaceAll('/', '.'),
        message: error,
        stack: error,
      }));
    return { errors, errorSchema: toErrorSchema(errors) };
  },
};

export default function SchemaForm({ schema }: { schema: Record<string, unknown> }) {
  const { $schema: _, title: _title, required, ...rest } = schema;
  const first = Array.isArray(required) ? required : [];
  return (
    <div className="schema-form">
      <Form
        schema={{ ...rest, required: first } as RJSFSchema}
        uiSchema={{ 'ui:order': [...first, '*'] }}
        validator={validator}
        showErrorList={false}
        noHtml5Validate
      >
        <span />
      </Form>
    </div>
  );
}
