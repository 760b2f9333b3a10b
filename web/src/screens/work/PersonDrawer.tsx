/** What is known of a person beside his load: account, department, roles and how to reach him. */
import { useQuery } from '@tanstack/react-query';
import { Descriptions } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ApiError, answer, api } from '../../api';
import { SidePanel } from '../../wrappers/SidePanel';
import { nameOf, type Person } from './person';
import { ReceivingText } from './Receiving';

export function PersonDrawer({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation('work');
  const account = useQuery({
    queryKey: ['user', person.person_id],
    queryFn: async () => {
      try {
        return await answer(api.GET('/api/v1/users/{user_id}', { params: { path: { user_id: person.person_id } } }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          return null; // the main account is no sub-account
        }
        throw error;
      }
    },
  });
  return (
    <SidePanel title={`${t('loads.details')} · ${nameOf(person)}`} size={420} onClose={onClose}>
      <Descriptions
        column={1}
        size="small"
        items={[
          { key: 'login', label: t('loads.login'), children: person.login_name ?? '--' },
          { key: 'department', label: t('loads.department'), children: person.department_name ?? '--' },
          { key: 'roles', label: t('loads.roles'), children: person.role_names.join('、') },
          { key: 'mobile', label: t('loads.mobile'), children: account.data?.mobile ?? '--' },
          { key: 'landline', label: t('loads.landline'), children: account.data?.landline ?? '--' },
          { key: 'receiving', label: t('receiving.label'), children: <ReceivingText on={person.receiving} /> },
          { key: 'load', label: t('loads.load'), children: `${person.load}/${person.maximum}` },
        ]}
      />
      <Link to={`/provider/projects?operator_name=${encodeURIComponent(nameOf(person))}`}>{t('loads.projects')}</Link>
    </SidePanel>
  );
}
