/**
 * The conversation docked beside the project: 项目留言, 项目备注 and files in one thread, what is internal marked; and
 * where it is written, with @ for who is to be told of it.
 */
import { CloseOutlined, DownloadOutlined, PaperClipOutlined } from '@ant-design/icons';
import { App, Button, Empty, Flex, Segmented, Tag } from 'antd';
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../api';
import { download } from '../../api/download';
import { language } from '../../i18n';
import { Failed, Waiting } from '../../wrappers/states';
import { Composer } from './Composer';
import type { Details } from './details';
import { linksIn } from './links';
import { namesIn } from './mentions';
import { type Entry, type Said, type Conversation as Thread, useConversation } from './useConversation';

/** From how near to its end a thread follows what comes. */
const NEAR_PX = 80;

export interface ConversationProps {
  details: Details;
  /** What is written at first. */
  kind: Said;
  onKind: (kind: Said) => void;
  /** Whether it was opened by hand: then one can write at once. */
  takesFocus: boolean;
  onClose: () => void;
}

export function Conversation({ details, kind, onKind, takesFocus, onClose }: ConversationProps) {
  const { t } = useTranslation('projects');
  const thread = useConversation(details.project_id);
  const kinds = (['comment', 'note'] as const).filter((one) => details.actions.includes(one));
  const writing = kinds.includes(kind) ? kind : kinds[0];
  return (
    <section className="card dock" aria-label={t('talk.title')}>
      <Flex justify="space-between" align="center" gap="small">
        <h2>{t('talk.title')}</h2>
        <Button type="text" icon={<CloseOutlined />} aria-label={t('talk.close')} onClick={onClose} />
      </Flex>
      <Entries thread={thread} />
      {writing && (
        <>
          {kinds.length > 1 && (
            <Segmented
              block
              size="small"
              aria-label={t('talk.kind')}
              value={writing}
              onChange={onKind}
              options={kinds.map((one) => ({ value: one, label: t(`talk.kinds.${one}`) }))}
            />
          )}
          <Composer
            key={writing}
            kind={writing}
            projectId={details.project_id}
            people={thread.people}
            canAttach={details.actions.includes('add_file')}
            takesFocus={takesFocus}
          />
        </>
      )}
    </section>
  );
}

function Entries({ thread }: { thread: Thread }) {
  const { t } = useTranslation('projects');
  const list = useRef<HTMLOListElement>(null);
  const [firstNew, setFirstNew] = useState<string>();
  const { entries, unread, see } = thread;
  const newest = entries?.at(-1)?.id;
  useReading(unread, newest, see);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const shown = list.current;
    if (shown && newest !== undefined && follows.current) {
      shown.scrollTop = shown.scrollHeight;
    }
  }, [newest]);
  useEffect(() => {
    const found = entries?.find((one) => one.new)?.id;
    if (found !== undefined) {
      setFirstNew((before) => before ?? found);
    }
  }, [entries]);
  if (thread.error) {
    return <Failed error={thread.error} retry={thread.retry} />;
  }
  if (!entries) {
    return <Waiting />;
  }
  if (entries.length === 0) {
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('talk.none')} />;
  }
  return (
    <ol
      ref={list}
      className="thread"
      aria-label={t('talk.title')}
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      }}
    >
      {thread.earlier && (
        <li className="thread-more">
          <Button size="small" onClick={thread.earlier}>
            {t('talk.more')}
          </Button>
        </li>
      )}
      {entries.map((entry) => (
        <Fragment key={entry.id}>
          {entry.id === firstNew && <li className="thread-new">{t('talk.new')}</li>}
          <OneEntry entry={entry} />
        </Fragment>
      ))}
    </ol>
  );
}

/** What is shown to somebody who looks has been read. */
function useReading(unread: number, newest: string | undefined, see: () => Promise<void>) {
  const seeing = useRef(see);
  seeing.current = see;
  const [isLooking, setLooking] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setLooking(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (isLooking && unread > 0 && newest !== undefined) {
      // Where it fails it stays unread, and is told again with the next thing said.
      void seeing.current().catch(() => undefined);
    }
  }, [isLooking, unread, newest]);
}

function OneEntry({ entry }: { entry: Entry }) {
  const { t } = useTranslation('projects');
  const className = ['said', `said-${entry.kind}`, ...(entry.own ? ['said-own'] : [])].join(' ');
  return (
    <li className={className}>
      <div className="said-head">
        <span>
          <strong>{entry.author}</strong> {entry.role}
        </span>
        {entry.kind === 'note' && <Tag color="orange">{t('talk.internal')}</Tag>}
        <time className="secondary">{entry.time}</time>
      </div>
      {entry.file ? <ShownFile file={entry.file} /> : <Text entry={entry} />}
    </li>
  );
}

function ShownFile({ file }: { file: NonNullable<Entry['file']> }) {
  const { t } = useTranslation('projects');
  const { message } = App.useApp();
  const failed = (error: unknown) => void message.error(messageOf(error, language()));
  return (
    <Button
      type="link"
      className="file-button"
      icon={<PaperClipOutlined aria-hidden />}
      title={t('files.download', { name: file.name })}
      onClick={() => void download(file.href, file.name).catch(failed)}
    >
      {file.name} <span className="secondary">{file.size_text}</span> <DownloadOutlined aria-hidden />
    </Button>
  );
}

/** With its web addresses as links, and the names of who was told marked. */
function Text({ entry }: { entry: Entry }) {
  return (
    <p className="said-text">
      {linksIn(entry.text).map(({ part, href }, place) =>
        href ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts are their place
          <a key={place} href={href} target="_blank" rel="noreferrer noopener">
            {part}
          </a>
        ) : (
          namesIn(part, entry.mentions).map((one, within) =>
            one.isName ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts are their place
              <strong key={`${place} ${within}`} className="said-name">
                {one.part}
              </strong>
            ) : (
              one.part
            ),
          )
        ),
      )}
    </p>
  );
}
