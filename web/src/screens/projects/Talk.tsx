/** 项目留言 and 项目备注: read by all who may, written by operators while the project is open (R-87 … R-98). */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { Dialog } from '../../wrappers/Dialog';
import { FormDialog } from '../../wrappers/FormDialog';
import { Failed, Waiting } from '../../wrappers/states';
import { useIsCustomer } from './details';
import { linksIn } from './links';
import { prose } from './prose';

export interface TalkProps {
  kind: 'comments' | 'notes';
  projectId: string;
  /** The project it is about. */
  subject: string;
  canWrite: boolean;
  onClose: () => void;
}

const LIMIT = 500;

/** What comments and notes have in common. */
interface TextPage {
  items: { author: string; role: string; time: string; text: string }[];
  next: string | null;
}

export function Talk({ kind, projectId, subject, canWrite, onClose }: TalkProps) {
  const { t } = useTranslation('projects');
  const isComment = kind === 'comments';
  const title = t(isComment ? 'details.comments' : 'details.notes');
  const path = { project_id: projectId };
  const body = (
    <>
      <Alert type="info" title={t(isComment ? 'talk.commentHint' : 'talk.noteHint')} className="form-refusal" />
      <Texts kind={kind} projectId={projectId} />
    </>
  );
  if (!canWrite) {
    return (
      <Dialog
        title={title}
        subject={subject}
        onCancel={onClose}
        footer={<Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>}
      >
        {body}
      </Dialog>
    );
  }
  const send = async ({ text }: { text: string }) => {
    const sent = { params: { path }, body: { text: text.trim() } };
    await (isComment
      ? api.POST('/api/v1/projects/{project_id}/comments', sent)
      : api.POST('/api/v1/projects/{project_id}/notes', sent));
    await queries.invalidateQueries();
  };
  return (
    <FormDialog<{ text: string }>
      title={title}
      subject={subject}
      draft={[kind, projectId]}
      okText={t('talk.send')}
      keepOpen
      onClose={onClose}
      onSubmit={send}
      notice={body}
    >
      <Form.Item
        name="text"
        label={t(isComment ? 'talk.comment' : 'talk.note')}
        rules={[
          prose(t('form.required', { ns: 'app' })),
          { max: LIMIT, message: t(isComment ? 'talk.commentLimit' : 'talk.noteLimit') },
        ]}
      >
        <Input.TextArea
          rows={3}
          className="growing"
          count={{ show: true, max: LIMIT }}
          placeholder={t(isComment ? 'talk.commentLimit' : 'talk.noteLimit')}
        />
      </Form.Item>
    </FormDialog>
  );
}

function Texts({ kind, projectId }: { kind: 'comments' | 'notes'; projectId: string }) {
  const { t } = useTranslation('projects');
  const asCustomer = useIsCustomer();
  const pages = useInfiniteQuery({
    queryKey: ['talk', kind, projectId, asCustomer],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<TextPage> => {
      const query = { as_customer: asCustomer, ...(pageParam ? { cursor: pageParam } : {}) };
      const params = { path: { project_id: projectId }, query };
      return kind === 'comments'
        ? answer(api.GET('/api/v1/projects/{project_id}/comments', { params }))
        : answer(api.GET('/api/v1/projects/{project_id}/notes', { params }));
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (pages.error) {
    return <Failed error={pages.error} retry={() => void pages.refetch()} />;
  }
  if (!pages.data) {
    return <Waiting />;
  }
  const items = pages.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Empty
        image={Empty.PRESENTED_IMAGE_SIMPLE}
        description={t(kind === 'comments' ? 'talk.noComments' : 'talk.noNotes')}
      />
    );
  }
  return (
    <ul className="talk">
      {items.map((one) => (
        <li key={`${one.time} ${one.author} ${one.text}`}>
          <div className="secondary">
            {one.author} {one.role} · {one.time}
          </div>
          <Linked text={one.text} />
        </li>
      ))}
      {pages.hasNextPage && <Button onClick={() => void pages.fetchNextPage()}>{t('talk.more')}</Button>}
    </ul>
  );
}

/** A text with its web addresses as links. */
function Linked({ text }: { text: string }) {
  return linksIn(text).map(({ part, href }, place) =>
    href ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts are their place
      <a key={place} href={href} target="_blank" rel="noreferrer noopener">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
