/** 数据看板 of the vendor (four figures) and of the provider (three): B-01 … B-21. */
import { useTranslation } from 'react-i18next';
import { useEntrance } from '../../app/entrance';
import { PageTitle } from '../../wrappers/PageTitle';
import { AverageCycle } from './AverageCycle';
import type { Side } from './drill';
import { NewProjects } from './NewProjects';
import { ProjectStates } from './ProjectStates';
import { Saturation } from './Saturation';

export default function Dashboard() {
  const { t } = useTranslation('dashboard');
  const side: Side = useEntrance() === 'provider' ? 'provider' : 'vendor';
  return (
    <article aria-labelledby="dashboard-title">
      <header className="dashboard-head">
        <PageTitle id="dashboard-title" className="page-title">
          {t('title')}
        </PageTitle>
        <p className="secondary">{t('asOf')}</p>
      </header>
      <div className="dashboard">
        <AverageCycle side={side} />
        <ProjectStates side={side} />
        <NewProjects side={side} />
        {side === 'vendor' && <Saturation side={side} />}
      </div>
    </article>
  );
}
