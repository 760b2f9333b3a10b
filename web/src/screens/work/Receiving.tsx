/** 接单状态: as shown in lists (● 正常, ● 暂停), and one's own with its switch (R-131, D-58, D-61, D-62). */
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Flex, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf } from '../../api';
import { language } from '../../i18n';

export function ReceivingText({ on }: { on: boolean }) {
  const { t } = useTranslation('work');
  return (
    <span className="receiving">
      <span className={on ? 'dot dot-good' : 'dot dot-warning'} aria-hidden>
        ●
      </span>{' '}
      {t(on ? 'receiving.on' : 'receiving.off')}
    </span>
  );
}

/** One's own receive status at the top right of 我的项目, with the orders held. */
export function OwnReceiving() {
  const { t } = useTranslation('work');
  const { message } = App.useApp();
  const own = useQuery({ queryKey: ['receiving'], queryFn: () => answer(api.GET('/api/v1/receiving')) });
  const change = useMutation({
    mutationFn: (receiving: boolean) => answer(api.PUT('/api/v1/receiving', { body: { receiving } })),
    onSuccess: (now) => void message.success(t(now.receiving ? 'receiving.opened' : 'receiving.closed')),
    onError: (error) => void message.error(messageOf(error, language())),
  });
  if (!own.data) {
    return null;
  }
  // What was asked for is shown at once, and what holds once the server has answered.
  const on = change.isPending ? change.variables : own.data.receiving;
  return (
    <Flex align="center" gap="small" className="own-receiving" role="group" aria-label={t('receiving.label')}>
      <span className="secondary">{t('receiving.load', { load: own.data.load, maximum: own.data.maximum })}</span>
      <span>{t('receiving.label')}</span>
      <ReceivingText on={on} />
      <Switch
        checked={on}
        loading={change.isPending}
        aria-label={t('receiving.label')}
        onChange={(wanted) => change.mutate(wanted)}
      />
    </Flex>
  );
}
