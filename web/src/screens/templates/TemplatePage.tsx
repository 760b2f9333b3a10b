/** The read-only page of a template: its nodes in order, and the form of the one clicked (T-15, T-16); its revision. */
import { Alert, App, Button, Empty, Flex, Switch, Tag } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, ifMatch, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { DetailPage, Section } from '../../wrappers/DetailPage';
import { find } from './model';
import { NameDialog } from './NameDialog';
import { NodeDetails } from './NodeDetails';
import { NodeOutline } from './NodeOutline';
import type { FlowNode } from './node';
import { RevisionTag } from './RevisionTag';
import { Forms, useNodeForms } from './useNodeForms';
import { type Detail, useTemplate } from './useTemplate';

export default function TemplatePage() {
  const { t } = useTranslation('templates');
  const { templateId = '' } = useParams();
  const entrance = useEntrance();
  const template = useTemplate(templateId);
  const forms = useNodeForms();
  const [copying, setCopying] = useState(false);
  const found = template.data;
  const isOwn = found && (entrance === 'operator') === (found.owner_id === null);
  const edits = found?.state === 'unpublished' ? 'list.edit' : 'page.revise';
  return (
    <DetailPage
      trail={[t('page.trail'), t('page.view')]}
      backTo={`/${entrance}/templates`}
      title={found?.name}
      tags={
        found && (
          <>
            <Tag color={found.state === 'published' ? 'success' : 'default'}>
              {t(found.state === 'published' ? 'list.published' : 'list.unpublished')}
            </Tag>
            <RevisionTag state={found.revision_state} />
            <span className="secondary">
              {t('list.serial')} {found.serial}
              {found.published_at && ` · ${t('page.publishedAt')} ${minuteText(found.published_at)}`}
            </span>
          </>
        )
      }
      extra={
        found && (
          <>
            <Button onClick={() => setCopying(true)}>{t('list.copy')}</Button>
            {isOwn && found.revision_state !== 'under_review' && (
              <Link to="edit">
                <Button type="primary" tabIndex={-1}>
                  {t(edits)}
                </Button>
              </Link>
            )}
          </>
        )
      }
      isLoading={template.isLoading || forms.isLoading}
      error={template.error ?? forms.error}
      retry={() => void (template.error ? template : forms).refetch()}
    >
      {found && forms.data && (
        <Forms value={forms.data}>
          {found.description && <p className="secondary">{found.description}</p>}
          <DefaultMessages template={found} isOwn={isOwn === true} />
          <RevisionNotice template={found} />
          <NodesSection nodes={found.nodes} />
        </Forms>
      )}
      {copying && found && <NameDialog source={found} onClose={() => setCopying(false)} />}
    </DetailPage>
  );
}

/** 默认提醒: its owner switches them at any time, also of a published template. */
function DefaultMessages({ template, isOwn }: { template: Detail; isOwn: boolean }) {
  const { t } = useTranslation('templates');
  const { message } = App.useApp();
  const [isSaving, setSaving] = useState(false);
  const hint = useId();
  const turn = async (offered: boolean) => {
    setSaving(true);
    try {
      const path = { template_id: template.id };
      await api.PUT('/api/v1/templates/{template_id}/default-messages', { params: { path }, body: { offered } });
      await queries.invalidateQueries();
      void message.success(t(offered ? 'page.defaultMessagesOn' : 'page.defaultMessagesOff'));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Flex align="center" gap="small" wrap className="default-messages">
      <Switch
        checked={template.default_messages}
        disabled={!isOwn}
        loading={isSaving}
        aria-label={t('page.defaultMessages')}
        aria-describedby={hint}
        onChange={(offered) => void turn(offered)}
      />
      {t('page.defaultMessages')}
      <span id={hint} className="secondary">
        {t('page.defaultMessagesHint')}
      </span>
    </Flex>
  );
}

function NodesSection({ nodes }: { nodes: readonly FlowNode[] }) {
  const { t } = useTranslation('templates');
  const [selected, setSelected] = useState(nodes[0]?.id);
  const node = find(nodes, selected)?.node;
  return (
    <div className="designer">
      <Section title={t('page.nodes')}>
        <NodeOutline nodes={nodes} selected={selected} onSelect={setSelected} />
      </Section>
      <Section title={node ? node.name || t('editor.unnamed') : t('page.nodes')}>
        {node ? <NodeDetails key={node.id} node={node} /> : <Empty description={t('page.pick')} />}
      </Section>
    </div>
  );
}

/** What became of the edit of a published template (T-101, T-102). */
function RevisionNotice({ template }: { template: Detail }) {
  const { t } = useTranslation('templates');
  const { modal, message } = App.useApp();
  const { revision } = template;
  if (!revision) {
    return null;
  }
  const withdraw = () =>
    modal.confirm({
      title: t('page.withdrawAsk'),
      onOk: async () => {
        try {
          const path = { template_id: template.id };
          await api.DELETE('/api/v1/templates/{template_id}/revision', {
            params: { path },
            ...ifMatch(template.version),
          });
          await queries.invalidateQueries();
          void message.success(t('page.withdrawn'));
        } catch (error) {
          void message.error(messageOf(error, language()));
        }
      },
    });
  const isRefused = revision.state === 'refused';
  return (
    <Alert
      type={isRefused ? 'error' : 'info'}
      showIcon
      className="form-refusal"
      title={t(isRefused ? 'page.refused' : 'page.underReview')}
      description={
        <Flex justify="space-between" align="center" gap="small" wrap>
          <span>
            {isRefused
              ? t('page.reason', { reason: revision.reason })
              : `${t('review.submittedAt')} ${minuteText(revision.submitted_at)}`}
          </span>
          <Button size="small" onClick={() => void withdraw()}>
            {t('page.withdraw')}
          </Button>
        </Flex>
      }
    />
  );
}
