/** 登录记录: where the caller is signed in, and ending it there. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { endSession } from '../../session/secondFactor';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { Failed } from '../../wrappers/states';
import { agentText } from './agentText';

type Session = Schema<'IdentitySessionOut'>;

export function Devices() {
  const { t } = useTranslation('session');
  const { modal, message } = App.useApp();
  const found = useQuery({ queryKey: ['me', 'sessions'], queryFn: () => answer(api.GET('/api/v1/me/sessions')) });
  const rows = found.data?.items ?? [];
  const nameOf = ({ agent }: Session) => agentText(agent) ?? t('devices.unknown');
  const end = (title: string, sessionId?: string) =>
    void modal.confirm({
      title,
      okText: t('devices.end'),
      okButtonProps: { danger: true },
      cancelText: t('cancel', { ns: 'app' }),
      onOk: async () => {
        try {
          await endSession(sessionId);
          void message.success(t('devices.ended'));
        } catch (error) {
          void message.error(messageOf(error, language()));
        } finally {
          await queries.invalidateQueries({ queryKey: ['me', 'sessions'] });
        }
      },
    });
  return (
    <Section
      title={t('devices.title')}
      extra={
        rows.length > 1 && (
          <Button danger onClick={() => end(t('devices.endOthersAsk'))}>
            {t('devices.endOthers')}
          </Button>
        )
      }
    >
      <p className="secondary">{t('devices.hint')}</p>
      {found.error ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable<Session>
          rowKey="session_id"
          rows={rows}
          isLoading={found.isLoading}
          columns={[
            {
              key: 'agent',
              title: t('devices.agent'),
              width: 180,
              render: (row) => (
                <>
                  {nameOf(row)} {row.current && <Tag color="blue">{t('devices.current')}</Tag>}
                </>
              ),
            },
            { key: 'address', title: t('devices.address'), render: (row) => row.address ?? '--' },
            { key: 'started', title: t('devices.started'), width: 140, render: (row) => minuteText(row.started_at) },
            { key: 'used', title: t('devices.used'), width: 140, render: (row) => minuteText(row.used_at) },
            {
              key: 'operation',
              title: t('list.operation', { ns: 'app' }),
              width: 80,
              fixed: true,
              lines: 0,
              render: (row) =>
                !row.current && (
                  <Button
                    type="link"
                    danger
                    className="row-button"
                    aria-label={t('devices.endOf', { agent: nameOf(row) })}
                    onClick={() => end(t('devices.endAsk', { agent: nameOf(row) }), row.session_id)}
                  >
                    {t('devices.end')}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </Section>
  );
}
