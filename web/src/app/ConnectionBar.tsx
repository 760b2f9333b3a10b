/** Says when what is shown may be old: no network, the stream of changes broken off, another release on the server. */
import { Alert, Button } from 'antd';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { connection, isOutdated, onConnection, tellConnection, watchNetwork } from '../api/connection';
import { secondText } from './times';

/** A short break is mended before anybody need hear of it. */
const PATIENCE_MS = 3_000;
const LOOK_FOR_RELEASE_MS = 10 * 60_000;

export function ConnectionBar() {
  const { t } = useTranslation();
  const { isLost, isOffline, hasNewRelease, heardAt } = useSyncExternalStore(onConnection, connection);
  const isBroken = useLasting(isLost || isOffline, PATIENCE_MS);
  useEffect(watchNetwork, []);
  useEffect(() => {
    const look = () => void isOutdated().then((is) => tellConnection({ hasNewRelease: is }));
    const timer = setInterval(look, LOOK_FOR_RELEASE_MS);
    return () => clearInterval(timer);
  }, []);
  if (isBroken) {
    const asOf =
      heardAt === null ? undefined : t('connection.asOf', { time: secondText(new Date(heardAt).toISOString()) });
    return (
      <Alert
        banner
        type="warning"
        role="status"
        className="connection"
        title={[t(isOffline ? 'connection.offline' : 'connection.lost'), asOf].filter(Boolean).join(' · ')}
      />
    );
  }
  return hasNewRelease ? (
    <Alert
      banner
      type="info"
      role="status"
      className="connection"
      title={t('connection.release')}
      action={
        <Button size="small" onClick={() => location.reload()}>
          {t('connection.refresh')}
        </Button>
      }
    />
  ) : null;
}

/** True once `is` has held for so long. */
function useLasting(is: boolean, patience: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!is) {
      setLasts(false);
      return;
    }
    const timer = setTimeout(() => setLasts(true), patience);
    return () => clearTimeout(timer);
  }, [is, patience]);
  return is && lasts;
}
