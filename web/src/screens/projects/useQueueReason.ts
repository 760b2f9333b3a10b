/** 排队原因 in the language chosen: the API tells it in Chinese, with a code. */
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { QUEUE_REASONS } from './projectFilters';

export function useQueueReason(): (code: string | null, text: string) => string {
  const { t } = useTranslation('projects');
  return (code, text) => {
    const known = QUEUE_REASONS.find((one) => one === code);
    return known && language() === 'en' ? t(`filters.queue.${known}`) : text;
  };
}
