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

export function FormPreview({ schema }: { schema: Record<string, unknown> }) {
  const { $schema: _, ...rest } = schema;
  return (
    <Form
      tagName="div"
      idPrefix="preview"
      schema={rest as RJSFSchema}
      validator={validator}
      showErrorList={false}
      noHtml5Validate
    >
      <span />
    </Form>
  );
}
