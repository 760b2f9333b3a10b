/** 项目状态 of the projects started in the last 30 or 60 days (B-11 … B-15). */
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

type States = Schema<'ReportingProjectStatesOut'>;

const FILTERS = { window: oneOf(['30', '60'], '30') };

export function ProjectStates({ side }: { side: Side }) {
  const { t } = useTranslation('dashboard');
  const filters = useFilters(FILTERS);
  const window = filters.values.window === '60' ? 60 : 30;
  const figure = useFigure(['project-states', side, window], (live) =>
    answer(api.GET('/api/v1/dashboards/project-states', { params: { query: { entrance: side, window, live } } })),
  );
  return (
    <FigureCard
      title={t('states.title')}
      explanation={t('states.explanation', { count: window })}
      figure={figure}
      choice={
        <Segmented
          aria-label={t('states.window')}
          value={filters.values.window}
          options={[
            { value: '30', label: t('states.last', { count: 30 }) },
            { value: '60', label: t('states.last', { count: 60 }) },
          ]}
          onChange={(chosen) => filters.apply({ window: chosen === '60' ? '60' : '30' })}
        />
      }
    >
      {(then, now) => (
        <div className="states">
          <Ring side={side} states={then} />
          <table className="states-table">
            <thead>
              <tr>
                <th scope="col">{t('states.state')}</th>
                <th scope="col">{t('midnight')}</th>
                <th scope="col">
                  <span className="now-mark">{t('now')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {then.states.map((one) => {
                const present = now?.states.find(({ state }) => state === one.state);
                return (
                  <tr key={one.state}>
                    <th scope="row">
                      <span className={`dot dot-${one.state}`} /> {t(`states.names.${one.state}`)}
                    </th>
                    <Cell side={side} of={one} />
                    <Cell side={side} of={present} />
                  </tr>
                );
              })}
              <tr className="states-total">
                <th scope="row">{t('states.total')}</th>
                <Cell side={side} of={{ number: then.total, filter: then.filter }} />
                <Cell side={side} of={now && { number: now.total, filter: now.filter }} />
              </tr>
            </tbody>
          </table>
        </div>
      )}
    </FigureCard>
  );
}

function Cell({ side, of }: { side: Side; of: { number: number; filter: string } | undefined }) {
  return <td>{of ? <Link to={drillPath(side, of.filter)}>{of.number}</Link> : '--'}</td>;
}

function Ring({ side, states }: { side: Side; states: States }) {
  const { t } = useTranslation('dashboard');
  const navigate = useNavigate();
  const option = useCallback(
    (ink: Ink) => ({
      tooltip: { renderMode: 'richText', formatter: '{b}: {c} ({d}%)' },
      series: [
        {
          type: 'pie',
          stillShowZeroSum: false,
          radius: ['62%', '92%'],
          label: { show: false },
          itemStyle: { borderColor: ink('--surface'), borderWidth: 2 },
          emptyCircleStyle: { color: ink('--line') },
          data: states.states.map(({ state, number }) => ({
            name: t(`states.names.${state}`),
            value: number,
            itemStyle: { color: ink(`--state-${state}`) },
          })),
        },
      ],
    }),
    [states, t],
  );
  return (
    <div className="ring">
      <Chart
        option={option}
        label={t('states.chart')}
        height={180}
        onPress={(index) => {
          const state = states.states[index];
          if (state) {
            void navigate(drillPath(side, state.filter));
          }
        }}
      />
      <p className="ring-total">
        <strong>{states.total}</strong>
        <span className="secondary">{t('states.total')}</span>
      </p>
    </div>
  );
}
