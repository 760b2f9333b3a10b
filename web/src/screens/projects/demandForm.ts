/** Filled demand forms (需求表单) as texts. */
import { minuteText } from '../../app/times';
import { i18next } from '../../i18n';
import { joined } from '../../i18n/said';

/** How moments are sent. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

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
    return joined(value.map(valueText));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, inner]) => `${name}: ${valueText(inner)}`)
      .join(i18next.language === 'en' ? '; ' : '；');
  }
  if (typeof value === 'string' && MOMENT.test(value)) {
    return minuteText(value);
  }
  if (typeof value === 'boolean') {
    return i18next.t(value ? 'yes' : 'no', { ns: 'app' });
  }
  return value === null || value === undefined || value === '' ? '--' : String(value);
}
