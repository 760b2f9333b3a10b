/** What the caller can do with the project beside its open node: the buttons at the top right of its details. */
import { Alert, App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { language } from '../../i18n';
import { FormDialog } from '../../wrappers/FormDialog';
import { ChangeAssignee } from './ChangeAssignee';
import { ChangeProvider } from './ChangeProvider';
import { type Details, subjectOf } from './details';
import { prose } from './prose';
import { Stars } from './Stars';
import { useProviders } from './useProviders';

type Dialog = 'pause' | 'cancel' | 'evaluate' | 'change_provider' | 'change_assignee' | 'choose_assignee';

export function Actions({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const { modal, message } = App.useApp();
  const may = (action: Details['actions'][number]) => details.actions.includes(action);
  // The evaluation dialog opens by itself, and can be closed.
  const [open, setOpen] = useState<Dialog | undefined>(may('evaluate') ? 'evaluate' : undefined);
  const subject = subjectOf(details);
  const entrance = useEntrance();
  const { several } = useProviders();
  // Where there is no other provider, or it is not the vendor's side, there is nothing to change to.
  const changesProvider = may('change_provider') && entrance !== 'provider' && several.has(details.product_id);
  const role = details.current?.role;
  const waitingRole = details.current?.waiting_role;
  const close = () => setOpen(undefined);
  const params = { path: { project_id: details.project_id } };
  const done = async (text: string) => {
    await queries.invalidateQueries();
    void message.success(text);
  };
  const resume = () =>
    modal.confirm({
      title: t('actions.resumeAsk'),
      content: (
        <>
          <p className="dialog-subject">{subject}</p>
          <p>{t('actions.resumeHint')}</p>
        </>
      ),
      okText: t('actions.resume'),
      onOk: async () => {
        try {
          await api.POST('/api/v1/projects/{project_id}/resume', { params });
          await done(t('actions.resumed'));
        } catch (error) {
          void message.error(messageOf(error, language()));
        }
      },
    });
  return (
    <>
      {may('evaluate') && <Button onClick={() => setOpen('evaluate')}>{t('actions.evaluate')}</Button>}
      {may('change_assignee') && role && (
        <Button onClick={() => setOpen('change_assignee')}>{t('changeAssignee.title')}</Button>
      )}
      {may('choose_assignee') && waitingRole && (
        <Button onClick={() => setOpen('choose_assignee')}>{t('chooseAssignee.title')}</Button>
      )}
      {changesProvider && <Button onClick={() => setOpen('change_provider')}>{t('changeProvider.title')}</Button>}
      {may('pause') && <Button onClick={() => setOpen('pause')}>{t('actions.pause')}</Button>}
      {may('resume') && (
        <Button type="primary" onClick={() => void resume()}>
          {t('actions.resume')}
        </Button>
      )}
      {may('cancel') && (
        <Button danger onClick={() => setOpen('cancel')}>
          {t('actions.cancel')}
        </Button>
      )}
      {open === 'pause' && (
        <RemarkDialog
          title={t('actions.pause')}
          subject={subject}
          draft={['pause', details.project_id]}
          label={t('actions.pauseRemark')}
          onClose={close}
          onSubmit={async (remark) => {
            await answer(api.POST('/api/v1/projects/{project_id}/pause', { params, body: { remark } }));
            await done(t('actions.paused'));
          }}
        />
      )}
      {open === 'cancel' && (
        <RemarkDialog
          title={t('actions.cancel')}
          subject={subject}
          draft={['cancel', details.project_id]}
          label={t('actions.cancelRemark')}
          warning={t('actions.cancelWarning')}
          onClose={close}
          onSubmit={async (remark) => {
            await answer(api.POST('/api/v1/projects/{project_id}/cancellation', { params, body: { remark } }));
            await done(t('actions.cancelled'));
          }}
        />
      )}
      {open === 'change_provider' && (
        <ChangeProvider
          projectId={details.project_id}
          subject={subject}
          productId={details.product_id}
          provider={details.provider ?? { id: null, name: null }}
          onClose={close}
        />
      )}
      {open === 'change_assignee' && role && (
        <ChangeAssignee
          projectId={details.project_id}
          subject={subject}
          present={details.current?.operator ?? '--'}
          role={role}
          onClose={close}
        />
      )}
      {open === 'choose_assignee' && waitingRole && (
        <ChangeAssignee projectId={details.project_id} subject={subject} role={waitingRole} onClose={close} />
      )}
      {open === 'evaluate' && (
        <FormDialog<{ stars: number; text?: string }>
          title={t('evaluate.title')}
          subject={subject}
          draft={['evaluation', details.project_id]}
          onClose={close}
          onSubmit={async ({ stars, text }) => {
            const body = { stars, text: text?.trim() || null };
            await api.POST('/api/v1/projects/{project_id}/evaluation', { params, body });
            await queries.invalidateQueries();
            void message.success(t('evaluate.thanks'));
          }}
        >
          <Form.Item
            name="stars"
            label={t('evaluate.stars')}
            rules={[{ required: true, message: t('evaluate.starsRequired') }]}
          >
            <Stars />
          </Form.Item>
          <Form.Item name="text" label={t('evaluate.text')}>
            <Input.TextArea rows={4} maxLength={500} showCount />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}

function RemarkDialog(props: {
  title: string;
  subject: string;
  draft: readonly string[];
  label: string;
  warning?: string;
  onSubmit: (remark: string) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation('projects');
  return (
    <FormDialog<{ remark: string }>
      title={props.title}
      subject={props.subject}
      draft={props.draft}
      danger={props.warning !== undefined}
      onClose={props.onClose}
      onSubmit={({ remark }) => props.onSubmit(remark.trim())}
      notice={props.warning && <Alert type="warning" showIcon title={props.warning} className="form-refusal" />}
    >
      <Form.Item name="remark" label={props.label} rules={[prose(t('form.required', { ns: 'app' }))]}>
        <Input.TextArea rows={4} maxLength={500} showCount placeholder={t('actions.remarkPlaceholder')} />
      </Form.Item>
    </FormDialog>
  );
}
