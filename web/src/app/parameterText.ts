/** The value of an order's parameter as its declared type is read; what does not fit it is shown as it came. */
export function parameterText(type: string, value: string, language: string): string {
  if (type === 'boolean') {
    const words = language === 'zh' ? { true: '是', false: '否' } : { true: 'Yes', false: 'No' };
    return words[value as keyof typeof words] ?? value;
  }
  if (type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const day = new Date(`${value}T00:00:00Z`);
    return Number.isNaN(day.getTime())
      ? value
      : new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(day);
  }
  if ((type === 'number' || type === 'integer') && /^-?\d+(\.\d+)?$/.test(value)) {
    const digits = value.split('.')[1]?.length ?? 0;
    return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      value as `${number}`,
    );
  }
  return value;
}
