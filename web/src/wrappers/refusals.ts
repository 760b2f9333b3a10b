/** Where in a form a refusal of the server belongs. */
import type { FormInstance } from 'antd';
import { ApiError } from '../api';
import { language } from '../i18n';

/** Kinds of refusals that name no field, and the field of the form that each is about. */
export type FieldsOf = Readonly<Record<string, string>>;

/** Put the refusals of fields at their fields; false when some have none in this form. */
export function showAtFields<Values extends object>(
  form: FormInstance<Values>,
  error: unknown,
  at: FieldsOf = {},
): boolean {
  if (!(error instanceof ApiError)) {
    return false;
  }
  const known = new Set(Object.keys(form.getFieldsValue(true) as object));
  const about = at[error.slug];
  const told: { field: string; message: string }[] =
    error.fields.length === 0 && about !== undefined
      ? [{ field: about, message: error.messages[language()] }]
      : error.fields.map(({ field, message }) => ({ field: field?.split('.')[0] ?? '', message }));
  const placed = told.filter(({ field }) => known.has(field));
  const names = [...new Set(placed.map(({ field }) => field))];
  form.setFields(
    names.map((name) => ({
      name: [name],
      errors: placed.filter(({ field }) => field === name).map(({ message }) => message),
    })) as unknown as Parameters<typeof form.setFields>[0],
  );
  if (names[0] !== undefined) {
    form.scrollToField([names[0]] as never, { focus: true });
  }
  return told.length > 0 && placed.length === told.length;
}
