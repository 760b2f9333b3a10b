/**
 * A form made from a JSON Schema, in the order of its fields: to fill in where `onSubmit` is given, else to look at and
 * try. Breaches are said at their fields in the language of the page. Load it lazily: rjsf is large.
 */
import Form from '@rjsf/core';
import type { ErrorSchema, RJSFSchema } from '@rjsf/utils';
import { type Ref, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { validatorOf } from './formValidator';
import { looks, templates, widgets } from './schemaParts';

export type JsonSchema = Record<string, unknown>;
export type Filled = Record<string, unknown>;

export interface SchemaFormProps {
  schema: JsonSchema;
  /** Put before the ids of its fields. */
  prefix: string;
  data?: Filled;
  /** What the server refused, by field. */
  refused?: ErrorSchema;
  onChange?: (data: Filled) => void;
  onSubmit?: (data: Filled) => void;
  /** To submit it from a button elsewhere. */
  ref?: Ref<Form>;
}

export default function SchemaForm({ schema, prefix, data, refused, onChange, onSubmit, ref }: SchemaFormProps) {
  const { t } = useTranslation();
  const validator = useMemo(() => {
    const known = t('schemaErrors', { returnObjects: true }) as Record<string, string>;
    return validatorOf(
      (keyword, expected) => known[`${keyword}_${expected}`] ?? known[keyword] ?? t('schemaErrors.other'),
    );
  }, [t]);
  const { shown, ui } = useMemo(() => prepared(schema), [schema]);
  return (
    <Form
      {...(ref ? { ref } : {})}
      className="schema-form"
      tagName={onSubmit ? 'form' : 'div'} // one to look at may stand inside another form
      idPrefix={prefix}
      schema={shown}
      uiSchema={ui}
      formData={data}
      validator={validator}
      widgets={widgets}
      templates={templates}
      {...(refused ? { extraErrors: refused } : {})}
      showErrorList={false}
      focusOnFirstError
      noHtml5Validate
      onChange={(event) => onChange?.(event.formData as Filled)}
      onSubmit={(event) => onSubmit?.(event.formData as Filled)}
      onError={() => undefined} // or it would be told to the browser's console
    >
      <span />
    </Form>
  );
}

/** The schema without its dialect and its title, which is said elsewhere; and how its fields look. */
function prepared(schema: JsonSchema): { shown: RJSFSchema; ui: Record<string, unknown> } {
  const { $schema: _dialect, title: _title, ...shown } = schema;
  return { shown: shown as RJSFSchema, ui: looks(schema) };
}
