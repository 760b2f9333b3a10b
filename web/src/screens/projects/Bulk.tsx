/** 批量更换操作人, 催办, 暂停 and 启动 of the projects ticked: what is asked first, then a result per project. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Select, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf, type Schema } from '../../api';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Dialog } from '../../wrappers/Dialog';
import { NotApplicable, type Result, runEach } from './bulkRun';
import { prose } from './prose';

type Project = Schema<'ReportingProjectOut'>;
export type BulkAction = 'assignee' | 'remind' | 'pause' | 'resume';

interface Values {
  person_id?: string;
  remark?: string;
}

export interface BulkProps {
  action: BulkAction;
  rows: readonly Project[];
  onClose: () => void;
}

export default function Bulk({ action, rows, onClose }: BulkProps) {
  const { t } = useTranslation('projects');
  const [form] = Form.useForm<Values>();
  const [values, setValues] = useState<Values>();
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const [busy, setBusy] = useState(false);
  const command = useCommand(action, rows);
  const failed = rows.filter((row) => results.get(row.project_id)?.state === 'failed');
  const run = async (some: readonly Project[], given: Values) => {
    setValues(given);
    setBusy(true);
    const tell = (key: string, result: Result) => setResults((before) => new Map(before).set(key, result));
    await runEach(
      some,
      (row) => row.project_id,
      (row) => command.send(row, given),
      tell,
    );
    setBusy(false);
    await queries.invalidateQueries();
  };
  const begun = values !== undefined;
  const done = [...results.values()].filter((one) => one.state !== 'running').length;
  const footer = begun
    ? [
        failed.length > 0 && (
          <Button key="retry" loading={busy} onClick={() => void run(failed, values)}>
            {t('bulk.retry', { count: failed.length })}
          </Button>
        ),
        <Button key="close" type="primary" disabled={busy} onClick={onClose}>
          {t('close', { ns: 'app' })}
        </Button>,
      ]
    : [
        <Button key="cancel" onClick={onClose}>
          {t('cancel', { ns: 'app' })}
        </Button>,
        <Button key="start" type="primary" disabled={command.hindrance !== undefined} onClick={form.submit}>
          {t('bulk.start')}
        </Button>,
      ];
  return (
    <Dialog
      width={720}
      title={t(`bulk.${action}`)}
      onCancel={onClose}
      closable={!busy}
      keyboard={!busy}
      footer={footer}
    >
      {begun ? (
        <>
          <p aria-live="polite">{t('bulk.progress', { done, count: rows.length, failed: failed.length })}</p>
          <Results rows={rows} results={results} />
        </>
      ) : (
        <>
          <Alert
            type={command.hindrance ? 'warning' : 'info'}
            showIcon
            className="form-refusal"
            title={command.hindrance ?? t('bulk.ask', { count: rows.length })}
          />
          <Form<Values> form={form} layout="vertical" onFinish={(given) => void run(rows, given)}>
            {command.fields}
          </Form>
        </>
      )}
    </Dialog>
  );
}

/** What the action asks for, why it cannot be done at all, and how it is sent for one project. */
function useCommand(action: BulkAction, rows: readonly Project[]) {
  const { t } = useTranslation('projects');
  const roles = new Set(rows.map((row) => row.operator?.role));
  const first = rows.find((row) => row.operator?.kind === 'staff' && row.operator.role);
  const role = roles.size === 1 ? first?.operator?.role : undefined;
  const isAssignee = action === 'assignee';
  const candidates = useCandidates(isAssignee && role ? first?.project_id : undefined, role ?? '');
  let hindrance: string | undefined;
  if (isAssignee && !role) {
    hindrance = t(first ? 'bulk.sameRole' : 'bulk.none');
  }
  const required = t('form.required', { ns: 'app' });
  const fields = {
    assignee: (
      <>
        <Form.Item
          name="person_id"
          label={t('changeAssignee.choose')}
          rules={[{ required: true, message: t('changeAssignee.placeholder') }]}
          extra={candidates.isSuccess && candidates.data.length === 0 ? t('changeAssignee.none') : undefined}
        >
          <Select
            loading={candidates.isLoading}
            placeholder={t('changeAssignee.placeholder')}
            showSearch={{ optionFilterProp: 'label' }}
            options={(candidates.data ?? []).map((one) => ({
              value: one.person_id,
              label: `${one.name ?? one.login_name} ${one.role_names.join('、')} ${one.load}/${one.maximum}`,
            }))}
          />
        </Form.Item>
        <Form.Item name="remark" label={t('changeAssignee.remark')}>
          <Input.TextArea placeholder={t('changeAssignee.remarkPlaceholder')} rows={3} maxLength={500} showCount />
        </Form.Item>
      </>
    ),
    pause: (
      <Form.Item name="remark" label={t('actions.pauseRemark')} rules={[prose(required)]}>
        <Input.TextArea placeholder={t('actions.remarkPlaceholder')} rows={3} maxLength={500} showCount />
      </Form.Item>
    ),
    remind: null,
    resume: null,
  }[action];
  const send = async (row: Project, { person_id, remark }: Values) => {
    const path = { project_id: row.project_id };
    if (action === 'resume') {
      if (row.state !== 'paused') {
        throw new NotApplicable(t('bulk.notPaused'));
      }
      return api.POST('/api/v1/projects/{project_id}/resume', { params: { path } });
    }
    if (action !== 'assignee' && row.state !== 'running') {
      throw new NotApplicable(t('bulk.notRunning'));
    }
    if (action === 'remind') {
      const params = { path: { ...path, visit: row.visit } };
      return api.POST('/api/v1/projects/{project_id}/visits/{visit}/reminder', { params });
    }
    if (action === 'pause') {
      const body = { remark: remark?.trim() ?? '' };
      return api.POST('/api/v1/projects/{project_id}/pause', { params: { path }, body });
    }
    const body = { person_id: person_id ?? '', role: role ?? '', remark: remark?.trim() || null };
    const asked = await answer(api.PUT('/api/v1/projects/{project_id}/assignee', { params: { path }, body }));
    return outcomeOf(row.project_id, asked.request_id);
  };
  return { hindrance, fields, send };
}

/** Who could take over the role: asked of one of the projects, since each row is checked when it is sent. */
function useCandidates(projectId: string | undefined, role: string) {
  return useQuery({
    queryKey: ['assignee-candidates', projectId, role],
    enabled: projectId !== undefined,
    queryFn: async () =>
      (
        await answer(
          api.GET('/api/v1/assignments/{project_id}/candidates', {
            params: { path: { project_id: projectId ?? '' }, query: { limit: 200, role } },
          }),
        )
      ).items,
  });
}

const COLOURS = {
  waiting: 'default',
  running: 'processing',
  done: 'success',
  failed: 'error',
  skipped: 'default',
} as const;

function Results({ rows, results }: { rows: readonly Project[]; results: ReadonlyMap<string, Result> }) {
  const { t } = useTranslation('projects');
  const text = (result: Result) => {
    if (result.state === 'failed') {
      return messageOf(result.why, language());
    }
    if (result.state === 'skipped') {
      return t('bulk.skipped', { reason: (result.why as Error).message });
    }
    return t(`bulk.${result.state}`);
  };
  return (
    <DataTable<Project>
      size="small"
      rowKey="project_id"
      rows={rows}
      height={360}
      columns={[
        {
          key: 'project',
          title: t('bulk.project'),
          width: 220,
          render: (row) => `${row.order_number} / ${row.business_number}`,
        },
        {
          key: 'result',
          title: t('bulk.result'),
          width: 360,
          lines: 3,
          render: (row) => {
            const result = results.get(row.project_id) ?? { state: 'waiting' };
            return <Tag color={COLOURS[result.state]}>{text(result)}</Tag>;
          },
        },
      ]}
    />
  );
}
