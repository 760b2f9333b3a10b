/** 新增项目数 of the last 7 days (日) or the last 6 calendar months (月): B-08 … B-10. */
import { Segmented } from 'antd';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { oneOf, useFilters } from '../../wrappers/useFilters';
import { Chart, type Ink } from './Chart';
import { drillPath, type Side } from './drill';
import { FigureCard } from './FigureCard';
import { useFigure } from './useFigure';

type Points = Schema<'ReportingNewProjectsOut'>['points'];

const FILTERS = { unit: oneOf(['day', 'month'], 'day') };

export function NewProjects({ side }: { side: Side }) {
  const { t } = useTranslation('dashboard');
  const filters = useFilters(FILTERS);
  const unit = filters.values.unit;
  const figure = useFigure(['new-projects', side, unit], (live) =>
    answer(api.GET('/api/v1/dashboards/new-projects', { params: { query: { entrance: side, unit, live } } })),
  );
  return (
    <FigureCard
      title={t('added.title')}
      explanation={t(unit === 'day' ? 'added.days' : 'added.months')}
      figure={figure}
      wide
      choice={
        <Segmented
          aria-label={t('added.unit')}
          value={unit}
          options={[
            { value: 'day', label: t('added.day') },
            { value: 'month', label: t('added.month') },
          ]}
          onChange={(chosen) => filters.apply({ unit: chosen === 'month' ? 'month' : 'day' })}
        />
      }
    >
      {(then, now) => {
        const latest = now?.points.at(-1);
        return (
          <>
            <Bars side={side} points={then.points} />
            {latest && (
              <p className="now">
                <span className="now-mark">{t('now')}</span>
                <Link to={drillPath(side, latest.filter)}>
                  {t(unit === 'day' ? 'added.today' : 'added.thisMonth', { count: latest.number })}
                </Link>
              </p>
            )}
          </>
        );
      }}
    </FigureCard>
  );
}

/** Bars, and below each its label and its number as the way to its projects. */
function Bars({ side, points }: { side: Side; points: Points }) {
  const { t } = useTranslation('dashboard');
  const navigate = useNavigate();
  const option = useCallback(
    (ink: Ink) => ({
      grid: { left: 0, right: 0, top: 8, bottom: 1 },
      tooltip: { renderMode: 'richText', trigger: 'item', formatter: '{b}: {c}' },
      xAxis: {
        type: 'category',
        data: points.map(({ label }) => label),
        axisLabel: { show: false },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: ink('--line') } },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        axisLabel: { show: false },
        splitLine: { lineStyle: { color: ink('--line') } },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 56,
          itemStyle: { color: ink('--accent'), borderRadius: [4, 4, 0, 0] },
          data: points.map(({ number }) => number),
        },
      ],
    }),
    [points],
  );
  return (
    <>
      <Chart
        option={option}
        label={t('added.chart')}
        height={180}
        onPress={(index) => {
          const point = points[index];
          if (point) {
            void navigate(drillPath(side, point.filter));
          }
        }}
      />
      <ol className="points">
        {points.map((point) => (
          <li key={point.label}>
            <Link to={drillPath(side, point.filter)} aria-label={t('added.open', { ...point })}>
              {point.number}
            </Link>
            <span className="point-label">{point.label}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
