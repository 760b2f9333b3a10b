/** One revision: the published content and the edit side by side, 通过 and 驳回 with a reason (T-101, T-102). */
import { App, Button, Empty, Form, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api, ifMatch, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { DetailPage } from '../../wrappers/DetailPage';
import { FormDialog } from '../../wrappers/FormDialog';
import { countKinds, differences, type Kind } from './diff';
import { kindOf, worded } from './forms';
import { NodeIcon } from './NodeIcon';
import type { FlowNode, Reminder } from './node';
import { TypeName } from './TypeName';
import { Forms, useForms, useNodeForms } from './useNodeForms';
import { useReceivers } from './useReceivers';
import { useDemandForms, useMessageTemplates, useRoles } from './useReference';
import { type Detail, useTemplate } from './useTemplate';

const COLOURS: Record<Kind, string> = {
  added: 'success',
  removed: 'error',
  changed: 'warning',
  moved: 'processing',
  same: 'default',
};

export default function Review() {
  const { t } = useTranslation('templates');
  const { templateId = '' } = useParams();
  const { modal, message } = App.useApp();
  const navigate = useNavigate();
  const template = useTemplate(templateId);
  const forms = useNodeForms();
  const [refusing, setRefusing] = useState(false);
  const found = template.data;
  const isOpen = found?.revision?.state === 'under_review';
  const params = { path: { template_id: templateId } };
  const done = async (text: string) => {
    await queries.invalidateQueries();
    void message.success(text);
    void navigate('/operator/reviews');
  };
  const approve = (version: number) =>
    modal.confirm({
      title: t('review.approve'),
      content: t('review.approveAsk'),
      okText: t('review.approve'),
      onOk: async () => {
        try {
          await api.POST('/api/v1/templates/{template_id}/revision/approval', { params, ...ifMatch(version) });
          await done(t('review.approved'));
        } catch (error) {
          void message.error(messageOf(error, language()));
        }
      },
    });
  return (
    <DetailPage
      trail={[t('review.title'), t('review.page')]}
      backTo="/operator/reviews"
      title={found?.name}
      tags={
        isOpen && (
          <span className="secondary">
            {t('review.submittedAt')} {minuteText(found.revision?.submitted_at)}
          </span>
        )
      }
      extra={
        isOpen && (
          <>
            <Button danger onClick={() => setRefusing(true)}>
              {t('review.refuse')}
            </Button>
            <Button type="primary" onClick={() => approve(found.version)}>
              {t('review.approve')}
            </Button>
          </>
        )
      }
      isLoading={template.isLoading || forms.isLoading}
      error={template.error ?? forms.error}
      retry={() => void (template.error ? template : forms).refetch()}
    >
      {found &&
        forms.data &&
        (isOpen ? (
          <Forms value={forms.data}>
            <Comparison template={found} />
          </Forms>
        ) : (
          <Empty description={t('review.none')} />
        ))}
      {refusing && found && (
        <FormDialog<{ reason: string }>
          title={t('review.refuse')}
          subject={found.name}
          draft={['review', `${templateId}.${found.version}`]}
          danger
          onClose={() => setRefusing(false)}
          onSubmit={async (body) => {
            await api.POST('/api/v1/templates/{template_id}/revision/refusal', {
              params,
              body: { reason: body.reason.trim() },
              ...ifMatch(found.version),
            });
            await done(t('review.refused'));
          }}
        >
          <Form.Item
            name="reason"
            label={t('review.reason')}
            rules={[{ required: true, whitespace: true, message: t('form.required', { ns: 'app' }) }]}
          >
            <Input.TextArea rows={4} maxLength={500} showCount />
          </Form.Item>
        </FormDialog>
      )}
    </DetailPage>
  );
}

function Comparison({ template }: { template: Detail }) {
  const { t } = useTranslation('templates');
  const forms = useForms();
  const textFor = useValueText();
  const revision = template.revision ?? template;
  const labelOf = (node: FlowNode, name: string) =>
    worded(kindOf(forms, node.type).fields.find((field) => field.name === name)?.label, language()) || name;
  const changes = differences(template.nodes, revision.nodes);
  const texts = (['name', 'description'] as const).filter((field) => template[field] !== revision[field]);
  return (
    <section className="card section" aria-label={t('review.title')}>
      <p className="secondary">{t('review.summary', { ...countKinds(changes) })}</p>
      <table className="comparison">
        <thead>
          <tr>
            <th scope="col">{t('review.before')}</th>
            <th scope="col">{t('review.after')}</th>
          </tr>
        </thead>
        <tbody>
          {texts.map((field) => (
            <tr key={field} className="comparison-changed">
              <td>
                <span className="secondary">{t(`list.${field}`)}</span>{' '}
                <del>{template[field] || t('review.empty_value')}</del>
              </td>
              <td>
                <span className="secondary">{t(`list.${field}`)}</span>{' '}
                <ins>{revision[field] || t('review.empty_value')}</ins>
              </td>
            </tr>
          ))}
          {changes.map(({ kind, before, after, fields }) => (
            <tr key={(after ?? before)?.id} className={`comparison-${kind}`}>
              <td>
                {before && <Head node={before} kind={kind === 'removed' ? kind : undefined} />}
                {before &&
                  fields.map((one) => (
                    <div key={one.field}>
                      <span className="secondary">{labelOf(before, one.field)}</span>{' '}
                      <del>{textFor(before, one.field, one.before)}</del>
                    </div>
                  ))}
              </td>
              <td>
                {after && <Head node={after} kind={kind === 'same' ? undefined : kind} />}
                {after &&
                  fields.map((one) => (
                    <div key={one.field}>
                      <span className="secondary">{labelOf(after, one.field)}</span>{' '}
                      <ins>{textFor(after, one.field, one.after)}</ins>
                    </div>
                  ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Head({ node, kind }: { node: FlowNode; kind: Kind | undefined }) {
  const { t } = useTranslation('templates');
  return (
    <div className="comparison-head">
      <NodeIcon type={node.type} />
      <strong>{node.name || t('editor.unnamed')}</strong>
      <TypeName node={node} />
      {kind && <Tag color={COLOURS[kind]}>{t(`review.${kind}`)}</Tag>}
    </div>
  );
}

/** Values as people read them. */
function useValueText() {
  const { t } = useTranslation('templates');
  const nodeForms = useForms();
  const roles = useRoles();
  const forms = useDemandForms();
  const messages = useMessageTemplates();
  const receivers = useReceivers([]);
  const reminder = (row: Reminder) =>
    [
      receivers.nameOf(row.receiver ?? ''),
      worded(nodeForms.triggers.find(({ value }) => value === row.trigger)?.text, language()),
      messages.find(({ code }) => code === row.message_template)?.name ?? row.message_template,
    ].join(' · ');
  return (node: FlowNode, name: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') {
      return t('review.empty_value');
    }
    if (typeof value === 'boolean') {
      return t(value ? 'fields.on' : 'fields.off');
    }
    if (Array.isArray(value)) {
      return value.map((row: Reminder) => reminder(row)).join('；') || t('review.empty_value');
    }
    const field = kindOf(nodeForms, node.type).fields.find((one) => one.name === name);
    switch (field?.control) {
      case 'role':
        return roles.nameOf(String(value));
      case 'demand_form':
        return forms.find(({ code }) => code === value)?.name ?? String(value);
      default:
        return worded(field?.choices.find((one) => one.value === value)?.text, language()) || String(value);
    }
  };
}
