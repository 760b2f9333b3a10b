/** 消息提醒: of what one is told on which channel, and when not. The box (站内信) has everything. */
import { Alert, App, Button, Checkbox, Flex, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { browserPermission, type Preferences, usePreferences } from '../../app/browserMessages';
import { useUnsaved } from '../../app/unsaved';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { Failed, Waiting } from '../../wrappers/states';

const EVENTS = [
  'entered',
  'due_soon',
  'overdue',
  'rejected',
  'passed_on',
  'reassigned',
  'reminded',
  'mentioned',
] as const;
const CHANNELS = ['sms', 'email', 'browser'] as const;
const HALF_HOURS = Array.from({ length: 48 }, (_, half) => ({
  value: half * 30,
  label: `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`,
}));

export function Notifications() {
  const { t } = useTranslation('session');
  const found = usePreferences();
  return (
    <Section title={t('notifications.title')}>
      <p className="secondary">{t('notifications.hint')}</p>
      {found.error ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : found.data ? (
        <Choices saved={found.data} key={JSON.stringify(found.data)} />
      ) : (
        <Waiting />
      )}
    </Section>
  );
}

function Choices({ saved }: { saved: Preferences }) {
  const { t } = useTranslation('session');
  const { message } = App.useApp();
  const [wanted, setWanted] = useState(saved);
  const [isSaving, setSaving] = useState(false);
  const isDirty = JSON.stringify(wanted) !== JSON.stringify(saved);
  const unsaved = useUnsaved(isDirty);
  type One = (typeof wanted.muted)[number];
  const isTold = (event: One['event'], channel: One['channel']) =>
    !wanted.muted.some((one) => one.event === event && one.channel === channel);
  const turn = (event: One['event'], channel: One['channel']) => {
    const others = wanted.muted.filter((one) => one.event !== event || one.channel !== channel);
    setWanted({ ...wanted, muted: isTold(event, channel) ? [...others, { event, channel }] : others });
  };
  const save = async () => {
    setSaving(true);
    unsaved.release();
    try {
      await answer(api.PUT('/api/v1/messages/preferences', { body: wanted }));
      await queries.invalidateQueries({ queryKey: ['preferences'] });
      void message.success(t('notifications.saved'));
    } catch (error) {
      unsaved.hold();
      void message.error(messageOf(error, language()));
    } finally {
      setSaving(false);
    }
  };
  const isQuiet = wanted.quiet_from !== null;
  return (
    <Flex vertical gap="middle">
      <DataTable
        size="small"
        rowKey="event"
        rows={EVENTS.map((event) => ({ event }))}
        isLoading={false}
        columns={[
          {
            key: 'event',
            title: t('notifications.event'),
            render: ({ event }) => t(`notifications.events.${event}`),
          },
          ...CHANNELS.map((channel) => ({
            key: channel,
            title: t(`notifications.channels.${channel}`),
            width: 90,
            render: ({ event }: { event: (typeof EVENTS)[number] }) => (
              <Checkbox
                checked={isTold(event, channel)}
                aria-label={`${t(`notifications.events.${event}`)} ${t(`notifications.channels.${channel}`)}`}
                onChange={() => turn(event, channel)}
              />
            ),
          })),
        ]}
      />
      <BrowserPermission />
      <Flex align="center" gap="small" wrap>
        <Checkbox
          checked={isQuiet}
          onChange={() =>
            setWanted({ ...wanted, quiet_from: isQuiet ? null : 22 * 60, quiet_to: isQuiet ? null : 7 * 60 })
          }
        >
          {t('notifications.quiet')}
        </Checkbox>
        {isQuiet && (
          <>
            <Select
              value={wanted.quiet_from}
              options={HALF_HOURS}
              aria-label={t('notifications.quietFrom')}
              onChange={(quiet_from) => setWanted({ ...wanted, quiet_from })}
            />
            {t('notifications.until')}
            <Select
              value={wanted.quiet_to}
              options={HALF_HOURS}
              aria-label={t('notifications.quietTo')}
              onChange={(quiet_to) => setWanted({ ...wanted, quiet_to })}
            />
            <span className="secondary">{t('notifications.quietHint')}</span>
          </>
        )}
      </Flex>
      <div>
        <Button type="primary" disabled={!isDirty} loading={isSaving} onClick={() => void save()}>
          {t('notifications.save')}
        </Button>
      </div>
    </Flex>
  );
}

/** A browser shows nothing before it was asked. */
function BrowserPermission() {
  const { t } = useTranslation('session');
  const [permission, setPermission] = useState(browserPermission);
  if (permission === 'granted' || permission === 'missing') {
    return null;
  }
  return (
    <Alert
      type="info"
      showIcon
      title={t(permission === 'denied' ? 'notifications.denied' : 'notifications.ask')}
      action={
        permission === 'default' && (
          <Button size="small" onClick={() => void Notification.requestPermission().then(setPermission)}>
            {t('notifications.allow')}
          </Button>
        )
      }
    />
  );
}
