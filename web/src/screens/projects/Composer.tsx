/** Where a comment or a note is written: with @ for people, Ctrl+Enter to send, kept as a draft until then. */
import { PaperClipOutlined, SendOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Mentions } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { useDrafts } from '../../app/drafts';
import { language } from '../../i18n';
import { Restored } from '../../wrappers/unsent';
import { type Chosen, mentioned, named } from './mentions';
import { UploadButton } from './UploadButton';
import type { Said, Talker } from './useConversation';

const LIMIT = 500;

interface Written {
  text: string;
  chosen: readonly Chosen[];
}

export interface ComposerProps {
  kind: Said;
  projectId: string;
  people: readonly Talker[];
  canAttach: boolean;
  takesFocus: boolean;
}

export function Composer({ kind, projectId, people, canAttach, takesFocus }: ComposerProps) {
  const { t } = useTranslation('projects');
  const drafts = useDrafts<Written>([kind, projectId]);
  const [restored, setRestored] = useState(drafts.found);
  const [written, setWritten] = useState<Written>(drafts.found?.values ?? { text: '', chosen: [] });
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [attaches, setAttaches] = useState(false);
  const hint = useId();
  const text = written.text.trim();
  const canSend = text !== '' && text.length <= LIMIT && !isSending;
  const write = (now: Written) => {
    setWritten(now);
    if (now.text.trim() === '') {
      drafts.drop();
    } else {
      drafts.keep(now);
    }
  };
  const empty = () => {
    drafts.drop();
    setRestored(undefined);
    setWritten({ text: '', chosen: [] });
  };
  const send = async () => {
    if (!canSend) {
      return;
    }
    setSending(true);
    setRefusal(undefined);
    const sent = {
      params: { path: { project_id: projectId } },
      body: { text, mentions: mentioned(text, written.chosen) },
    };
    try {
      await (kind === 'comment'
        ? api.POST('/api/v1/projects/{project_id}/comments', sent)
        : api.POST('/api/v1/projects/{project_id}/notes', sent));
      empty();
      await queries.invalidateQueries({ queryKey: ['talk', projectId] });
    } catch (error) {
      setRefusal(messageOf(error, language()));
    } finally {
      setSending(false);
    }
  };
  // Notes are never the customer's: nobody is told who cannot read it.
  const readers = named(people.filter((one) => kind === 'comment' || !one.customer));
  return (
    <div className={`composer composer-${kind}`}>
      {restored && <Restored at={restored.at} onDrop={empty} />}
      {refusal && <Alert type="error" title={refusal} showIcon role="alert" />}
      <Mentions
        rows={3}
        value={written.text}
        // One asked for it; nothing else has the focus then.
        autoFocus={takesFocus}
        placement="top"
        aria-label={t(kind === 'comment' ? 'talk.comment' : 'talk.note')}
        aria-describedby={hint}
        placeholder={t(kind === 'comment' ? 'talk.commentPlaceholder' : 'talk.notePlaceholder')}
        status={text.length > LIMIT ? 'error' : ''}
        notFoundContent={t('talk.nobody')}
        options={readers.map((one) => ({
          value: one.name,
          label: one.customer ? t('talk.ofCustomer', { name: one.name }) : one.name,
        }))}
        onSelect={({ value }) =>
          setWritten((before) => ({
            ...before,
            chosen: [...before.chosen, ...readers.filter(({ name }) => name === value)],
          }))
        }
        onChange={(now) => write({ ...written, text: now })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <p id={hint} className="secondary composer-hint">
        {t(kind === 'comment' ? 'talk.commentHint' : 'talk.noteHint')}{' '}
        <span className={text.length > LIMIT ? 'composer-over' : undefined}>
          {text.length} / {LIMIT}
        </span>
      </p>
      <Flex justify="space-between" align="center" gap="small" wrap>
        {canAttach && !attaches ? (
          <Button type="text" size="small" icon={<PaperClipOutlined />} onClick={() => setAttaches(true)}>
            {t('talk.attach')}
          </Button>
        ) : (
          <span />
        )}
        <Button
          type="primary"
          size="small"
          icon={<SendOutlined />}
          loading={isSending}
          disabled={!canSend && !isSending}
          title="Ctrl+Enter"
          onClick={() => void send()}
        >
          {t('talk.send')}
        </Button>
      </Flex>
      {attaches && (
        <div className="composer-files">
          <UploadButton
            offer={{ method: 'POST', href: `/api/v1/projects/${projectId}/files` }}
            icon={<PaperClipOutlined />}
            text={t('files.add')}
          />
        </div>
      )}
    </div>
  );
}
