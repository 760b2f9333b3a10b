/** 待办, the first page of everybody: what waits for me, the most urgent first. j and k walk through it, Enter opens. */
import { Skeleton } from 'antd';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { minuteText, parts as partsOf } from '../../app/times';
import { Clamped } from '../../wrappers/Clamped';
import { PageTitle } from '../../wrappers/PageTitle';
import { Failed } from '../../wrappers/states';
import { type Part, useWork } from './useWork';
import { stepTo, type Task } from './work';

export default function Work() {
  const { t } = useTranslation('work');
  const { parts, isLoading } = useWork();
  const list = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('.task a') ?? [])];
    const next = stepTo(event.key, links.indexOf(document.activeElement as HTMLElement), links.length);
    if (next !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      links[next]?.focus();
    }
  };
  const shown = parts.filter(({ tasks, error }) => tasks.length > 0 || error !== null);
  return (
    <article aria-labelledby="work-title">
      <PageTitle id="work-title" className="page-title">
        {t('home.title')}
      </PageTitle>
      <p className="page-hint">
        {t('home.hint')} <span className="keys-hint">{t('home.keys')}</span>
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the links inside, which are elements of their own */}
      <div className="work" ref={list} onKeyDown={walk} aria-busy={isLoading}>
        {shown.map((part) => (
          <WorkPart key={part.key} part={part} />
        ))}
        {shown.length === 0 && (
          <div className="card">
            {isLoading ? (
              <Skeleton active paragraph={{ rows: 4 }} title={false} />
            ) : (
              <p role="status">{t('home.nothing')}</p>
            )}
          </div>
        )}
      </div>
    </article>
  );
}

function WorkPart({ part }: { part: Part }) {
  const { t } = useTranslation('work');
  return (
    <section className="card section" aria-labelledby={`work-${part.key}`}>
      <header className="work-head">
        <h2 id={`work-${part.key}`}>
          {t(`home.parts.${part.key}`)} <span className="tab-count">{part.total ?? ''}</span>
        </h2>
        <Link to={part.more}>{t('home.all')}</Link>
      </header>
      {part.error ? (
        <Failed error={part.error} />
      ) : (
        <ul className="tasks">
          {part.tasks.map((task) => (
            <TaskLine key={task.key} task={task} />
          ))}
        </ul>
      )}
    </section>
  );
}

function TaskLine({ task }: { task: Task }) {
  return (
    <li className="task">
      <Link to={task.path}>
        <span className="task-title">
          <Clamped>{task.title}</Clamped>
        </span>
        <span className="task-about secondary">
          <Clamped lines={1}>{task.about}</Clamped>
        </span>
        <TimeLeft task={task} />
      </Link>
    </li>
  );
}

function TimeLeft({ task }: { task: Task }) {
  const { t } = useTranslation('work');
  if (task.isOverdue) {
    const late = task.left === null || task.left > -60 ? '' : ` ${t(...spanOf(-task.left))}`;
    return <span className="task-time stat-bad">{`${t('home.overdue')}${late}`}</span>;
  }
  if (task.left === null) {
    return <span className="task-time secondary">{minuteText(task.since)}</span>;
  }
  return (
    <span className={task.left < 86_400 ? 'task-time stat-warning' : 'task-time'}>
      {t('mine.remaining', { time: t(...spanOf(task.left)) })}
    </span>
  );
}

/** The text of so many seconds, in the largest unit that there is one of, with the smaller one it names. */
function spanOf(seconds: number) {
  const parts = partsOf(seconds);
  const unit = parts.days > 0 ? 'days' : parts.hours > 0 ? 'hours' : 'minutes';
  return [`mine.${unit}`, parts] as const;
}
