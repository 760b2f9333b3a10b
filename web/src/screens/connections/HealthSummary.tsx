/** In a row: whether the marketplace gets through. */
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../../app/times';
import { troublesOf } from './connection';
import { useHealth } from './useConnections';

export function HealthSummary({ id }: { id: string }) {
  const { t } = useTranslation('connections');
  const health = useHealth(id);
  if (!health.data) {
    return <span className="secondary">{health.error ? t('health.unknown') : '…'}</span>;
  }
  const { data } = health;
  const troubles = troublesOf(data);
  return (
    <>
      {troubles.length === 0 && data.last_notice_at && <Tag color="green">{t('health.well')}</Tag>}
      {troubles.map((trouble) => (
        <Tag key={trouble} color={trouble === 'parked' ? 'orange' : 'red'}>
          {t(`health.troubles.${trouble}`)}
        </Tag>
      ))}
      <span className="secondary">
        {data.last_notice_at ? t('health.last', { time: minuteText(data.last_notice_at) }) : t('health.nothing')}
      </span>
    </>
  );
}
