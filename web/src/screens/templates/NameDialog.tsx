/** 新建流程模板 (T-08 … T-12) and 复制 (T-04): what is made is unpublished, and its editor opens. */
import { App, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ApiError, answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { language } from '../../i18n';
import { FormDialog } from '../../wrappers/FormDialog';

export const NAME_LENGTH = 50;

export interface NameDialogProps {
  /** What is copied; undefined = a new template. */
  source?: { id: string; name: string };
  onClose: () => void;
}

export function NameDialog({ source, onClose }: NameDialogProps) {
  const { t } = useTranslation('templates');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const entrance = useEntrance();
  const make = async ({ name, description }: { name: string; description?: string }) => {
    const made = source
      ? await answer(
          api.POST('/api/v1/templates/{template_id}/copies', {
            params: { path: { template_id: source.id } },
            body: { name: name.trim() },
          }),
        )
      : await answer(api.POST('/api/v1/templates', { body: { name: name.trim(), description: description ?? '' } }));
    await queries.invalidateQueries();
    void message.success(t(source ? 'create.copied' : 'create.created'));
    void navigate(`/${entrance}/templates/${made.id}/edit`);
  };
  return (
    <FormDialog<{ name: string; description?: string }>
      title={t(source ? 'create.copyTitle' : 'create.title')}
      subject={source?.name}
      draft={['template', source?.id ?? 'new']}
      at={{ 'name-taken': 'name', 'template-name-invalid': 'name' }}
      initial={source ? { name: t('create.copyName', { name: source.name }).slice(0, NAME_LENGTH) } : {}}
      onClose={onClose}
      onSubmit={make}
    >
      <Form.Item
        name="name"
        label={t('list.name')}
        rules={[{ required: true, whitespace: true, message: t('create.invalid') }]}
      >
        <Input maxLength={NAME_LENGTH} showCount autoFocus />
      </Form.Item>
      {!source && (
        <Form.Item name="description" label={t('list.description')}>
          <Input.TextArea maxLength={500} showCount rows={4} />
        </Form.Item>
      )}
    </FormDialog>
  );
}

/** Refusals of the name that name no field: shown at it all the same (T-09, T-10). */
export function atName(error: unknown): unknown {
  if (error instanceof ApiError && ['name-taken', 'template-name-invalid'].includes(error.slug)) {
    const { zh, en } = error.messages;
    const errors = [{ field: 'name', code: error.slug, message: error.messages[language()], zh, en }];
    return new ApiError(error.status, error.slug, error.messages, { errors });
  }
  return error;
}
