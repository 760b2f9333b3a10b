/** A message template to write or to look at, with what its receiver will read beside it. */
import { Alert, App, Button, Checkbox, Flex, Form, type FormInstance, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ifMatch, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { Dialog } from '../../wrappers/Dialog';
import { FormDialog } from '../../wrappers/FormDialog';
import { CodeFields } from './CodeFields';
import { CHANNELS, type MessageTemplate, previewOf, strangers, VARIABLES } from './messageText';

const IN_SITE = 'in_site';

type Values = Schema<'TemplateNewMessageTemplate'> & { active: boolean };

export function MessageTemplateForm({ template, onClose }: { template?: MessageTemplate; onClose: () => void }) {
  const { t } = useTranslation('reference');
  const { message } = App.useApp();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ active, code, ...body }: Values) => {
    if (template) {
      const params = { path: { code: template.code } };
      await api.PUT('/api/v1/message-templates/{code}', {
        params,
        body: { ...body, active },
        ...ifMatch(template.version),
      });
    } else {
      await api.POST('/api/v1/message-templates', { body: { ...body, code } });
    }
    await queries.invalidateQueries();
    void message.success(t('form.saved', { ns: 'app' }));
  };
  return (
    <FormDialog<Values>
      title={t(template ? 'templates.edit' : 'templates.create')}
      width={880}
      initial={
        template
          ? { ...template, channels: template.channels as Values['channels'] }
          : { channels: ['sms', 'email'], remark: '', active: true, title: '', body: '' }
      }
      onSubmit={save}
      onClose={onClose}
    >
      {(form) => (
        <div className="halves">
          <div>
            <CodeFields
              isNew={!template}
              nameLabel={t('templates.name')}
              namePlaceholder={t('templates.namePattern')}
            />
            <Form.Item name="title" label={t('templates.subject')} rules={[required]}>
              <Input maxLength={100} showCount />
            </Form.Item>
            <Form.Item name="body" label={t('templates.body')} rules={[required]}>
              <Input.TextArea rows={5} maxLength={2000} showCount />
            </Form.Item>
            <Variables form={form} />
            <Form.Item name="channels" label={t('templates.channels')} extra={t('templates.channelsHint')}>
              <Channels />
            </Form.Item>
            <Form.Item name="remark" label={t('templates.remark')}>
              <Input.TextArea rows={2} maxLength={500} />
            </Form.Item>
          </div>
          <LivePreview form={form} />
        </div>
      )}
    </FormDialog>
  );
}

/** SMS and e-mail as wanted; every message goes into the receiver's box besides (N-04), so that cannot be switched. */
function Channels(props: { id?: string; value?: readonly string[]; onChange?: (channels: string[]) => void }) {
  const { t } = useTranslation('reference');
  const { value = [], onChange } = props;
  const [box] = value.filter((one) => one === IN_SITE);
  return (
    <Checkbox.Group
      value={[...value.filter((one) => one !== IN_SITE), IN_SITE]}
      options={CHANNELS.map((one) => ({ value: one, label: t(`channels.${one}`), disabled: one === IN_SITE }))}
      onChange={(next) => onChange?.([...next.filter((one) => one !== IN_SITE), ...(box ? [box] : [])])}
    />
  );
}

/** Buttons that put a variable at the end of the text. */
function Variables({ form }: { form: FormInstance<Values> }) {
  const { t } = useTranslation('reference');
  const insert = (name: string) => {
    form.setFieldValue('body', `${(form.getFieldValue('body') as string | undefined) ?? ''}{{ ${name} }}`);
  };
  return (
    <fieldset className="variables">
      <legend>{t('templates.variables')}</legend>
      <Flex gap={6} wrap>
        {VARIABLES.map((name) => (
          <Button key={name} size="small" onClick={() => insert(name)}>
            {t(`variables.${name}`)}
          </Button>
        ))}
      </Flex>
    </fieldset>
  );
}

function LivePreview({ form }: { form: FormInstance<Values> }) {
  const { t } = useTranslation('reference');
  const title = Form.useWatch('title', form) ?? '';
  const body = Form.useWatch('body', form) ?? '';
  const unknown = strangers(`${title} ${body}`);
  return (
    <div>
      <Preview title={title} body={body} />
      {unknown.length > 0 && (
        <Alert type="warning" showIcon title={t('templates.unknown', { names: unknown.join('、') })} />
      )}
    </div>
  );
}

function Preview({ title, body }: { title: string; body: string }) {
  const { t } = useTranslation('reference');
  return (
    <figure className="preview" aria-live="polite">
      <figcaption className="secondary">{t('templates.preview')}</figcaption>
      <strong>{previewOf(title, language()) || '--'}</strong>
      <p>{previewOf(body, language())}</p>
    </figure>
  );
}

export function MessageTemplateView({ template, onClose }: { template: MessageTemplate; onClose: () => void }) {
  const { t } = useTranslation('reference');
  return (
    <Dialog
      title={template.name}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>}
    >
      <dl className="facts">
        <dt>{t('templates.remark')}</dt>
        <dd>{template.remark || '--'}</dd>
        <dt>{t('templates.channels')}</dt>
        <dd>{template.channels.map((one) => t(`channels.${one as (typeof CHANNELS)[number]}`)).join('+')}</dd>
        <dt>{t('templates.subject')}</dt>
        <dd>{template.title}</dd>
        <dt>{t('templates.body')}</dt>
        <dd>{template.body}</dd>
      </dl>
      <Preview title={template.title} body={template.body} />
    </Dialog>
  );
}
