/** Working time as people say it. A day of the template is 24 working hours. */
import type { TFunction } from 'i18next';

export type Parts = Record<'days' | 'hours' | 'minutes', number>;

/** Whole days, hours and minutes of a span in seconds; nothing is left of a negative one. */
export function partsOf(seconds: number): Parts {
  const left = Math.max(0, seconds);
  return {
    days: Math.floor(left / 86_400),
    hours: Math.floor((left % 86_400) / 3_600),
    minutes: Math.floor((left % 3_600) / 60),
  };
}

/** The two greatest units: 2天3小时, 3小时5分, 5分. */
export function spanText(t: TFunction<'work'>, seconds: number): string {
  const parts = partsOf(seconds);
  if (parts.days > 0) {
    return t('mine.days', parts);
  }
  return parts.hours > 0 ? t('mine.hours', parts) : t('mine.minutes', parts);
}
