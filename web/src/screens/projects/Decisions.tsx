/** 分单说明: why this provider, why this person – every decision with all its candidates as they stood then. */
import { useQuery } from '@tanstack/react-query';
import { Button, Flex, Tag } from 'antd';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, answer, api, type Schema } from '../../api';
import { secondText } from '../../app/times';
import { DataTable } from '../../wrappers/DataTable';
import { SidePanel } from '../../wrappers/SidePanel';
import { Failed, Waiting } from '../../wrappers/states';
import { runsOf } from './runs';

type Decision = Schema<'DispatchDecisionOut'>;
type Candidate = Schema<'DispatchExplainedCandidateOut'>;
const EXCLUDED = ['full', 'paused', 'lacks_role', 'other_department'] as const;
const HOW = ['draw', 'assign', 'claim', 'wanted', 'replace'] as const;

export function Decisions({
  projectId,
  subject,
  onClose,
}: {
  projectId: string;
  subject: string;
  onClose: () => void;
}) {
  const { t } = useTranslation('projects');
  const found = useQuery({
    queryKey: ['decisions', projectId],
    queryFn: () =>
      answer(
        api.GET('/api/v1/assignments/{project_id}/decisions', { params: { path: { project_id: projectId } } }),
      ).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) {
          return { decisions: [] }; // nothing decided yet that the caller may see
        }
        throw error;
      }),
  });
  return (
    <SidePanel title={t('decisions.title')} subject={subject} size={640} onClose={onClose}>
      {found.isLoading && <Waiting />}
      {found.error && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data?.decisions?.length === 0 && <p className="secondary">{t('decisions.none')}</p>}
      {runsOf(found.data?.decisions ?? []).map(({ number, decisions }) => (
        <Fragment key={number ?? 0}>
          {number !== undefined && <h3 className="decisions-run">{t('timeline.run', { run: number })}</h3>}
          {decisions.map((decision) => (
            <OneDecision key={`${decision.decided_at} ${decision.level} ${decision.role}`} decision={decision} />
          ))}
        </Fragment>
      ))}
      <Flex justify="end">
        <Button onClick={onClose}>{t('close', { ns: 'app' })}</Button>
      </Flex>
    </SidePanel>
  );
}

function OneDecision({ decision }: { decision: Decision }) {
  const { t } = useTranslation('projects');
  const isProvider = decision.level === 'provider';
  const chosen = isProvider ? decision.provider_id : decision.person_id;
  const candidates = (decision.candidates ?? []).toSorted((a, b) => Number(!!a.excluded) - Number(!!b.excluded));
  const name = candidates.find((one) => one.id === chosen)?.name ?? '--';
  const how = HOW.find((one) => one === decision.how);
  return (
    <section className="decision">
      <h2>{t(isProvider ? 'decisions.provider' : 'decisions.person', { name })}</h2>
      <p className="secondary">
        {secondText(decision.decided_at)} · {how && t(`decisions.how.${how}`)}
        {how === 'assign' && (decision.tied?.length ?? 0) > 1 && t('decisions.tied', { count: decision.tied?.length })}
      </p>
      <DataTable<Candidate>
        size="small"
        rowKey="id"
        rows={candidates}
        columns={[
          {
            key: 'name',
            title: t(isProvider ? 'columns.provider' : 'decisions.name'),
            render: (one) => one.name ?? '--',
          },
          ...(isProvider
            ? [{ key: 'weight', title: t('decisions.weight'), render: (one: Candidate) => one.weight }]
            : []),
          { key: 'load', title: t('decisions.load'), render: (one) => one.ratio },
          {
            key: 'part',
            title: t('decisions.part'),
            render: (one) =>
              one.id === chosen ? <Tag color="green">{t('decisions.chosen')}</Tag> : <Part excluded={one.excluded} />,
          },
        ]}
      />
    </section>
  );
}

function Part({ excluded }: { excluded: string | null | undefined }) {
  const { t } = useTranslation('projects');
  const known = EXCLUDED.find((one) => one === excluded);
  return <span className="secondary">{known ? t(`decisions.excluded.${known}`) : t('decisions.candidate')}</span>;
}
