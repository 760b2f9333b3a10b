/** What the caller can do with the project beside its open node: the buttons at the top right of its details. */
import { App, Button } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { language } from '../../i18n';
import { lazily } from '../../wrappers/lazily';
import { type Details, subjectOf } from './details';
import { useProviders } from './useProviders';

const ChangeAssignee = lazily(async () => ({ default: (await import('./ChangeAssignee')).ChangeAssignee }));
const ChangeProvider = lazily(async () => ({ default: (await import('./ChangeProvider')).ChangeProvider }));
const Evaluation = lazily(async () => ({ default: (await import('./dialogs')).Evaluation }));
const Remark = lazily(async () => ({ default: (await import('./dialogs')).Remark }));

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
      <Suspense>
        {open === 'pause' && (
          <Remark
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
          <Remark
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
          <Evaluation
            subject={subject}
            draft={['evaluation', details.project_id]}
            onClose={close}
            onSubmit={async (stars, text) => {
              await api.POST('/api/v1/projects/{project_id}/evaluation', { params, body: { stars, text } });
              await queries.invalidateQueries();
              void message.success(t('evaluate.thanks'));
            }}
          />
        )}
      </Suspense>
    </>
  );
}
