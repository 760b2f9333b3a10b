/** 更换操作人: someone else of the same role with free load, and a remark if wanted (R-46 … R-54); 指定操作人 where nobody
 * has the role yet. */
import { useQuery } from '@tanstack/react-query';
import { App, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';

export interface ChangeAssigneeProps {
  projectId: string;
  /** The project it is about, and who has it now – nobody while it waits for somebody. */
  subject: string;
  present?: string;
  /** The role of the current node. */
  role: string;
  onClose: () => void;
}

interface Values {
  person_id: string;
  remark?: string;
}

export function ChangeAssignee({ projectId, subject, present, role, onClose }: ChangeAssigneeProps) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const candidates = useQuery({
    queryKey: ['assignee-candidates', projectId, role],
    queryFn: () =>
      answer(
        api.GET('/api/v1/assignments/{project_id}/candidates', {
          params: { path: { project_id: projectId }, query: { limit: 200, role } },
        }),
      ),
  });
  const people = candidates.data?.items ?? [];
  const change = async ({ person_id, remark }: Values) => {
    const asked = await answer(
      api.PUT('/api/v1/projects/{project_id}/assignee', {
        params: { path: { project_id: projectId } },
        body: { person_id, role, remark: remark?.trim() || null },
      }),
    );
    await outcomeOf(projectId, asked.request_id);
    await queries.invalidateQueries();
    void message.success(t(present ? 'changeAssignee.done' : 'chooseAssignee.done'));
  };
  return (
    <FormDialog<Values>
      title={t(present ? 'changeAssignee.title' : 'chooseAssignee.title')}
      subject={present ? `${subject} · ${t('changeAssignee.present', { name: present })}` : subject}
      draft={['change-assignee', projectId]}
      onClose={onClose}
      onSubmit={change}
      okDisabled={people.length === 0}
    >
      <Form.Item
        name="person_id"
        label={t('changeAssignee.choose')}
        rules={[{ required: true, message: t('changeAssignee.placeholder') }]}
        extra={candidates.isSuccess && people.length === 0 ? t('changeAssignee.none') : undefined}
      >
        <Select
          loading={candidates.isLoading}
          placeholder={t('changeAssignee.placeholder')}
          showSearch={{ optionFilterProp: 'label' }}
          options={people.map((one) => ({
            value: one.person_id,
            label: `${one.name ?? one.login_name} ${one.role_names.join('、')} ${one.load}/${one.maximum}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="remark" label={t('changeAssignee.remark')}>
        <Input.TextArea placeholder={t('changeAssignee.remarkPlaceholder')} rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDialog>
  );
}
