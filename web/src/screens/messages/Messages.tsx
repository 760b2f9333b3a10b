/** 站内信: what the platform told the caller, newest first, with what has not been read (N-04). */
import { App, Badge, Button, Flex } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { projectPath } from '../../app/projectPath';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { useEntrances } from '../../session/session';
import { ListPage } from '../../wrappers/ListPage';
import { oneOf, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';

type Message = Schema<'NotifyMessageOut'>;

const FILTERS = { tab: oneOf(['all', 'unread'], 'all') };

export default function Messages() {
  const { t } = useTranslation('messages');
  const filters = useFilters(FILTERS);
  const tab = filters.values.tab;
  const list = useList(['messages', tab], (page) =>
    answer(
      api.GET('/api/v1/messages', {
        params: { query: { ...(tab === 'unread' ? { unread: true } : {}), ...page } },
      }),
    ),
  );
  const read = useMarkRead();
  const unread = list.rows.filter((message) => message.read_at === null);
  const key = useEntrance();
  const entrance = useEntrances().data?.find((one) => one.entrance === key);
  const state = useListState();
  return (
    <ListPage<Message>
      name="messages"
      title={t('title')}
      tabs={{
        active: tab,
        items: [
          { key: 'all', label: t('all') },
          { key: 'unread', label: t('unread') },
        ],
      }}
      onTab={(chosen) => filters.apply({ tab: chosen === 'unread' ? 'unread' : 'all' })}
      extra={
        <Button disabled={unread.length === 0} loading={read.isPending} onClick={() => void read.mark(unread)}>
          {t('readAll')}
        </Button>
      }
      list={list}
      rowKey="message_id"
      columns={[
        { key: 'title', title: t('content'), width: 330, lines: 4, render: (message) => <Content message={message} /> },
        { key: 'order', title: t('order'), render: (message) => message.order_number },
        { key: 'node', title: t('node'), render: (message) => message.node_name },
        { key: 'created_at', title: t('time'), render: (message) => minuteText(message.created_at), width: 150 },
        {
          key: 'state',
          title: t('state'),
          render: ({ read_at }) => (read_at ? t('isRead') : <strong>{t('isUnread')}</strong>),
          width: 80,
        },
        {
          key: 'operation',
          title: t('list.operation', { ns: 'app' }),
          fixed: true,
          width: 150,
          render: (message) => {
            const path = entrance && projectPath(entrance, message.project_id);
            return (
              <Flex gap="0 12px" wrap>
                {path && (
                  <Link
                    to={path}
                    state={state}
                    aria-label={`${t('open')} ${message.order_number}`}
                    onClick={() => void read.mark(message.read_at ? [] : [message])}
                  >
                    {t('open')}
                  </Link>
                )}
                {message.read_at === null && (
                  <Button
                    type="link"
                    size="small"
                    className="row-button"
                    aria-label={`${t('read')} ${message.title}`}
                    onClick={() => void read.mark([message])}
                  >
                    {t('read')}
                  </Button>
                )}
              </Flex>
            );
          },
        },
      ]}
      phone={{
        title: t('content'),
        render: (message) => (
          <div className="card-cell">
            <Content message={message} />
            <span className="secondary">{minuteText(message.created_at)}</span>
          </div>
        ),
      }}
      empty={{ title: t(tab === 'unread' ? 'noneUnread' : 'none'), hint: t('noneHint') }}
    />
  );
}

function Content({ message }: { message: Message }) {
  return (
    <div className="message">
      <Badge dot={message.read_at === null} offset={[6, 2]}>
        <strong>{message.title}</strong>
      </Badge>
      <p>{message.body}</p>
    </div>
  );
}

/** 标为已读, one by one: the API keeps the first time each was read. */
function useMarkRead() {
  const { message: toast } = App.useApp();
  const [isPending, setPending] = useState(false);
  const mark = async (messages: readonly Message[]) => {
    setPending(true);
    try {
      await Promise.all(
        messages.map(({ message_id }) =>
          api.PUT('/api/v1/messages/{message_id}/read', { params: { path: { message_id } } }),
        ),
      );
    } catch (error) {
      void toast.error(messageOf(error, language()));
    } finally {
      setPending(false);
      await queries.invalidateQueries({ queryKey: ['messages'] });
    }
  };
  return { mark, isPending };
}
