/** Whether an edit of a published template is under review or refused (T-102). */
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';

export function RevisionTag({ state }: { state: string | null }) {
  const { t } = useTranslation('templates');
  if (state !== 'under_review' && state !== 'refused') {
    return null;
  }
  return <Tag color={state === 'refused' ? 'error' : 'processing'}>{t(`list.${state}`)}</Tag>;
}
