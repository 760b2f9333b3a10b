/** The project as a timeline: a row per node, a bar per visit; a bar leads to the project as it was then. */
import { useQuery } from '@tanstack/react-query';
import { Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { minuteText, parts, secondText } from '../../app/times';
import { Failed, Waiting } from '../../wrappers/states';
import { useIsCustomer } from './details';
import { type NodeSpan, rows, scale, type TimelineData } from './spans';

const TICKS = 4;

export function Timeline({ projectId, onAt }: { projectId: string; onAt: (at: string) => void }) {
  const asCustomer = useIsCustomer();
  const found = useQuery({
    queryKey: ['timeline', projectId, asCustomer],
    queryFn: () =>
      answer(
        api.GET('/api/v1/projects/{project_id}/timeline', {
          params: { path: { project_id: projectId }, query: { as_customer: asCustomer } },
        }),
      ),
  });
  if (found.error) {
    return <Failed error={found.error} retry={() => void found.refetch()} />;
  }
  return found.data ? <Drawing data={found.data} onAt={onAt} /> : <Waiting />;
}

function Drawing({ data, onAt }: { data: TimelineData; onAt: (at: string) => void }) {
  const { t } = useTranslation('projects');
  const { bar, ticks } = scale(data);
  const place = (span: { from: string; to: string | null }) => {
    const { left, width } = bar(span);
    return { left: `${left}%`, width: `${width}%` };
  };
  const all = rows(data.nodes);
  return (
    <div className="timeline">
      {data.runs.map((run) => (
        <div key={run.run} className="timeline-run">
          {data.runs.length > 1 && (
            <h3>
              {t('timeline.run', { run: run.run })} <span className="secondary">{run.provider ?? '--'}</span>
            </h3>
          )}
          <ol>
            {all
              .filter((row) => row.run === run.run)
              .map((row) => (
                <li key={row.key}>
                  <span className="timeline-name" title={row.name}>
                    {row.name}
                  </span>
                  <span className="timeline-track">
                    {data.pauses.map((pause) => (
                      <span key={pause.from} className="timeline-pause" style={place(pause)} />
                    ))}
                    {data.holds.map((hold) => (
                      <span
                        key={`${hold.reason} ${hold.from}`}
                        className="timeline-pause"
                        title={t(`order.${hold.reason as 'frozen' | 'expired'}`)}
                        style={place(hold)}
                      />
                    ))}
                    {row.visits.map((visit) => (
                      <Visit key={visit.visit} visit={visit} style={place(visit)} onAt={onAt} />
                    ))}
                    {row.visits
                      .flatMap((visit) => visit.overdue)
                      .map((late) => (
                        <span
                          key={late.from}
                          className={`timeline-late timeline-late-${late.side}`}
                          style={place(late)}
                        />
                      ))}
                  </span>
                </li>
              ))}
          </ol>
        </div>
      ))}
      <div className="timeline-axis" aria-hidden="true">
        {ticks(TICKS).map((time) => (
          <span key={time}>{minuteText(time)}</span>
        ))}
      </div>
      <div className="legend timeline-legend">
        <Swatch kind="completed" /> <Swatch kind="open" /> <Swatch kind="waiting" /> <Swatch kind="rejected" />
        <Swatch kind="paused" /> <Swatch kind="late" />
      </div>
      <p className="secondary">{t('timeline.hint')}</p>
    </div>
  );
}

type Kind = 'completed' | 'open' | 'waiting' | 'rejected' | 'paused' | 'late';

function Swatch({ kind }: { kind: Kind }) {
  const { t } = useTranslation('projects');
  return (
    <span>
      <span className={`swatch swatch-${kind}`} aria-hidden="true" /> {t(`timeline.kinds.${kind}`)}
    </span>
  );
}

function kindOf({ waiting, outcome, to }: NodeSpan): Kind {
  if (outcome === 'rejected') {
    return 'rejected';
  }
  if (waiting) {
    return 'waiting';
  }
  return to === null ? 'open' : 'completed';
}

function Visit({ visit, style, onAt }: { visit: NodeSpan; style: object; onAt: (at: string) => void }) {
  const { t } = useTranslation('projects');
  const outcomes = t('timeline.outcomes', { returnObjects: true }) as Record<string, string>;
  const outcome = outcomes[visit.outcome ?? 'open'] ?? visit.outcome;
  const span = `${secondText(visit.from)} – ${visit.to ? secondText(visit.to) : t('timeline.now')}`;
  return (
    <Popover
      trigger={['hover', 'focus']}
      title={visit.name}
      content={
        <div className="timeline-about">
          <div>{span}</div>
          <div>
            {outcome}
            {visit.by && ` · ${visit.by}`}
            {visit.remark && ` · ${visit.remark}`}
          </div>
          <div>{t('timeline.worked', parts(visit.working_seconds))}</div>
          {visit.operators.map((one) => (
            <div key={one.from} className="secondary">
              {one.operator}
            </div>
          ))}
        </div>
      }
    >
      <button
        type="button"
        className={`timeline-bar swatch-${kindOf(visit)}`}
        style={style}
        aria-label={t('timeline.bar', { name: visit.name, span, outcome })}
        onClick={() => onAt(visit.from)}
      />
    </Popover>
  );
}
