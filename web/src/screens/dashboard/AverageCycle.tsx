/** 平均项目完成周期 of the projects finished in the last 365 days, in working days (B-05 … B-07). */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api } from '../../api';
import { drillPath, type Side } from './drill';
import { FigureCard } from './FigureCard';
import { useFigure } from './useFigure';

export function AverageCycle({ side }: { side: Side }) {
  const { t } = useTranslation('dashboard');
  const figure = useFigure(['average-cycle', side], (live) =>
    answer(api.GET('/api/v1/dashboards/average-cycle', { params: { query: { entrance: side, live } } })),
  );
  return (
    <FigureCard title={t('cycle.title')} explanation={t('cycle.explanation')} figure={figure}>
      {(then, now) => (
        <>
          <p className="figure-big">
            {then.days === null ? (
              then.text
            ) : (
              <Link to={drillPath(side, then.filter)} aria-label={t('cycle.open', { days: then.text })}>
                {then.text}
              </Link>
            )}
            {then.days !== null && <span className="stat-unit">{t('cycle.unit')}</span>}
          </p>
          <p className="secondary">{t('cycle.finished', { count: then.finished })}</p>
          {now && (
            <p className="now">
              <span className="now-mark">{t('now')}</span>
              <Link to={drillPath(side, now.filter)}>
                {now.text}
                {now.days !== null && ` ${t('cycle.unit')}`}
              </Link>
              <span className="secondary">{t('cycle.finished', { count: now.finished })}</span>
            </p>
          )}
        </>
      )}
    </FigureCard>
  );
}
