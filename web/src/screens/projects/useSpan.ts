/** A span of time in words: 2天3小时. */
import { useTranslation } from 'react-i18next';
import { spanOf } from './remaining';

export function useSpan(): (seconds: number) => string {
  const { t } = useTranslation('projects');
  return (seconds) =>
    spanOf(seconds)
      .map(([unit, count]) => t(`details.${unit}`, { count }))
      .join('')
      .trim();
}
