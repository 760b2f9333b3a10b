/** A paused project says so: who paused it, when and why. */
import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { type Details, useIsCustomer } from './details';

/** The event as the log has it. */
const PAUSING = '暂停项目';

export function Paused({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const asCustomer = useIsCustomer();
  const found = useQuery({
    queryKey: ['log', details.project_id, asCustomer, 'pause'],
    queryFn: () => {
      const params = { path: { project_id: details.project_id }, query: { as_customer: asCustomer, limit: 50 } };
      return answer(api.GET('/api/v1/projects/{project_id}/log', { params }));
    },
  });
  const pause = details.as_of === null ? found.data?.items.find(({ event }) => event === PAUSING) : undefined;
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      className="form-refusal"
      title={[t('purchased.states.paused'), pause?.actor, pause?.time].filter(Boolean).join(' · ')}
      description={pause?.remark || undefined}
    />
  );
}
