/** Where not even the frame could be shown: says why and offers to try again. Without antd, which may be what is missing. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { ChunkMissing } from './chunks';

export function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  const isMissing = error === undefined || error instanceof ChunkMissing;
  useEffect(() => {
    const again = () => location.reload();
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, []);
  return (
    <main className="entry" role="alert">
      <div className="entry-card">
        <h1>{t(isMissing ? 'connection.chunk' : 'state.crashed')}</h1>
        <p>{isMissing ? '' : t('state.crashedHint')}</p>
        <button type="button" className="plain-button plain-primary" onClick={() => location.reload()}>
          {t('retry')}
        </button>
      </div>
    </main>
  );
}
