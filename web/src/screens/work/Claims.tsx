/** 订单认领: by order number, or from the list of orders that fit one's role (D-46 … D-50, G-25). */
import { Alert, App, Button, Form, Input, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, messageOf, type Schema } from '../../api';
import { outcomeOf } from '../../api/outcome';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { holds, useMe } from '../../session/session';
import { Lines } from '../../wrappers/Clamped';
import { FormDialog } from '../../wrappers/FormDialog';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { PageTitle } from '../../wrappers/PageTitle';
import { State, Waiting } from '../../wrappers/states';
import { useList } from '../../wrappers/useList';
import { type Project, Stage } from './MyProjects';

type Choice = Schema<'ProjectChoice'>;

/** What a claim came to, shown above the list until the next one. */
type Outcome = { order: string; projectId: string } | { refusal: string };

export default function Claims() {
  const { t } = useTranslation('work');
  const me = useMe().data;
  if (!me) {
    return <Waiting />;
  }
  // The main account claims where a template says so; whether an order fits a role is the server's decision (D-47).
  if (!holds(me, 'account_manager') && !holds(me, 'provider_admin')) {
    return (
      <>
        <PageTitle className="page-title">{t('claims.title')}</PageTitle>
        <div className="card">
          <State kind="info" title={t('claims.onlyManagers')} hint={t('claims.onlyManagersHint')} />
        </div>
      </>
    );
  }
  return <Claiming />;
}

function Claiming() {
  const { t } = useTranslation('work');
  const { message } = App.useApp();
  const list = useList(['claimable-orders'], (page) =>
    answer(
      api.GET('/api/v1/my-projects', {
        params: { query: { view: 'claimable', sort: 'created_at', ...page } },
      }),
    ),
  );
  const [form] = Form.useForm<{ order_number: string }>();
  const [pending, setPending] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [choices, setChoices] = useState<{ order: string; items: readonly Choice[] }>();
  const done = async (order: string, projectId: string) => {
    setOutcome({ order, projectId });
    form.resetFields();
    await queries.invalidateQueries();
  };
  const run = async (key: string, claim: () => Promise<void>) => {
    setPending(key);
    setOutcome(undefined);
    try {
      await claim();
    } catch (error) {
      setOutcome({ refusal: messageOf(error, language()) });
      void message.error(messageOf(error, language()));
      await queries.invalidateQueries();
    } finally {
      setPending(undefined);
    }
  };
  const claimOne = async (order: string, projectId: string) => {
    const params = { path: { project_id: projectId } };
    const asked = await answer(api.POST('/api/v1/projects/{project_id}/claim', { params }));
    await outcomeOf(projectId, asked.request_id);
    await done(order, projectId);
  };
  const claimNumber = async (order: string) => {
    const found = await answer(api.POST('/api/v1/projects/claims', { body: { order_number: order } }));
    if ('items' in found && found.items) {
      setChoices({ order, items: found.items });
    } else {
      await outcomeOf(found.project_id, found.request_id);
      await done(order, found.project_id);
    }
  };
  const columns = useColumns((row) => (
    <Button
      type="link"
      size="small"
      className="row-button"
      loading={pending === row.project_id}
      disabled={pending !== undefined}
      aria-label={t('claims.claimOne', { order: row.business_number })}
      onClick={() => void run(row.project_id, () => claimOne(row.order_number, row.project_id))}
    >
      {t('claims.claim')}
    </Button>
  ));
  return (
    <>
      <ListPage<Project>
        name="claims"
        title={t('claims.title')}
        hint={
          <div className="card claim">
            <p className="page-hint">{t('claims.hint')}</p>
            {outcome && <OutcomeAlert outcome={outcome} />}
            <Form<{ order_number: string }>
              form={form}
              layout="inline"
              onFinish={({ order_number }) => void run('number', () => claimNumber(order_number.trim()))}
            >
              <Form.Item
                name="order_number"
                label={t('claims.order')}
                rules={[{ required: true, whitespace: true, message: t('claims.required') }]}
              >
                <Input placeholder={t('claims.placeholder')} maxLength={64} allowClear />
              </Form.Item>
              <Button
                type="primary"
                htmlType="submit"
                loading={pending === 'number'}
                disabled={pending !== undefined && pending !== 'number'}
              >
                {t('claims.claim')}
              </Button>
            </Form>
          </div>
        }
        above={<h2 className="list-title">{t('claims.list')}</h2>}
        list={list}
        columns={columns}
        phone={{
          title: t('mine.project'),
          render: (row) => (
            <div className="card-cell">
              {names(row)}
              <span className="secondary">{`${row.order_number} / ${row.business_number}`}</span>
              <span className="secondary">{`${row.customer_name ?? '--'} · ${minuteText(row.created_at)}`}</span>
            </div>
          ),
        }}
        rowKey="project_id"
        empty={{ title: t('claims.empty'), hint: t('claims.emptyHint') }}
      />
      {choices && (
        <FormDialog<{ project_id: string }>
          title={t('claims.chooseTitle')}
          subject={choices.order}
          okText={t('claims.claim')}
          notice={<p>{t('claims.chooseHint')}</p>}
          onClose={() => setChoices(undefined)}
          onSubmit={({ project_id }) => claimOne(choices.order, project_id)}
        >
          <Form.Item
            name="project_id"
            label={t('mine.project')}
            rules={[{ required: true, message: t('claims.chooseRequired') }]}
          >
            <Radio.Group
              vertical
              options={choices.items.map((one) => ({
                value: one.project_id,
                label: `${one.business_number} · ${one.product_name}`,
              }))}
            />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}

function OutcomeAlert({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation('work');
  return 'refusal' in outcome ? (
    <Alert type="error" showIcon role="alert" title={outcome.refusal} />
  ) : (
    <Alert
      type="success"
      showIcon
      role="status"
      title={t('claims.done', { order: outcome.order })}
      action={<Link to={`/provider/my-projects/${outcome.projectId}`}>{t('claims.open')}</Link>}
    />
  );
}

function names(row: Project) {
  return <Lines first={row.product_name} others={[row.edition ?? '--']} />;
}

function useColumns(claim: (row: Project) => React.ReactNode): Column<Project>[] {
  const { t } = useTranslation('work');
  const { t: words } = useTranslation('projects');
  const operation: Column<Project> = {
    key: 'operation',
    title: words('columns.operation'),
    fixed: true,
    width: 88,
    render: claim,
  };
  return [
    {
      key: 'numbers',
      title: words('columns.numbers'),
      render: (row) => <Lines first={row.order_number} others={[row.business_number]} />,
    },
    { key: 'product', title: t('queue.product'), width: 220, lines: 0, render: names },
    { key: 'customer', title: words('columns.customer'), render: (row) => row.customer_name ?? '--' },
    { key: 'vendor', title: words('columns.vendor'), render: (row) => row.vendor_name ?? '--' },
    { key: 'stage', title: words('columns.stage'), render: (row) => <Stage row={row} /> },
    { key: 'since', title: t('claims.since'), render: (row) => minuteText(row.created_at) },
    operation,
  ];
}
