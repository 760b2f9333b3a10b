/** Where editing of published templates is not switched on (T-100), the edit can be kept as a new template. */
import { Alert, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answer, api, ifMatch } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { forgetUnsaved } from '../../app/unsaved';
import { FormDialog } from '../../wrappers/FormDialog';
import { atName, NAME_LENGTH } from './NameDialog';
import type { Content } from './useDraft';
import type { Nodes } from './useTemplate';

export function NotOffered({ content, onClose }: { content: Content; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const navigate = useNavigate();
  const entrance = useEntrance();
  const keep = async ({ name }: { name: string }) => {
    const body = { name: name.trim(), description: content.description };
    const made = await answer(api.POST('/api/v1/templates', { body }));
    await api.PUT('/api/v1/templates/{template_id}/content', {
      params: { path: { template_id: made.id } },
      body: { ...body, nodes: content.nodes as unknown as Nodes },
      ...ifMatch(made.version),
    });
    await queries.invalidateQueries();
    forgetUnsaved();
    void navigate(`/${entrance}/templates/${made.id}/edit`);
  };
  return (
    <FormDialog<{ name: string }>
      title={t('editor.saveAsNew')}
      initial={{ name: t('editor.newName', { name: content.name }).slice(0, NAME_LENGTH) }}
      notice={
        <Alert
          type="warning"
          showIcon
          className="form-refusal"
          title={t('editor.notOffered')}
          description={t('editor.notOfferedHint')}
        />
      }
      onClose={onClose}
      onSubmit={async (values) => {
        try {
          await keep(values);
        } catch (error) {
          throw atName(error);
        }
      }}
    >
      <Form.Item
        name="name"
        label={t('list.name')}
        rules={[{ required: true, whitespace: true, message: t('create.invalid') }]}
      >
        <Input maxLength={NAME_LENGTH} showCount />
      </Form.Item>
    </FormDialog>
  );
}
