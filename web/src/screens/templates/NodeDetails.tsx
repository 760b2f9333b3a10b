/** The form of a node with all its values, not editable (T-15, T-16). */
import { Button, Descriptions, type DescriptionsProps } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../wrappers/DataTable';
import { FormPreview } from './FormPreview';
import type { FlowNode, Reminder } from './model';
import { useReceivers } from './useReceivers';
import { useDemandForms, useMessageTemplates, useRoles } from './useReference';

export function NodeDetails({ node }: { node: FlowNode }) {
  const { t } = useTranslation('templates');
  const roles = useRoles();
  const forms = useDemandForms();
  const [previewing, setPreviewing] = useState(false);
  const form = forms.find(({ code }) => code === node.form);
  const items: NonNullable<DescriptionsProps['items']> = [];
  const add = (key: string, label: string, children: React.ReactNode) =>
    items.push({ key, label, children: children ?? t('fields.none') });
  add('type', t('list.scope'), t(`types.${node.type}`));
  add('name', t('fields.name'), node.name);
  if ('side' in node) {
    add('side', t('fields.side'), node.side && t(`fields.${node.side}`));
  }
  if ('role' in node) {
    add('role', t('fields.role'), node.role && roles.nameOf(node.role));
  }
  if ('rule' in node) {
    add('rule', t('fields.rule'), node.rule && t(`fields.${node.rule}`));
  }
  if ('form' in node) {
    add(
      'form',
      t('fields.form'),
      node.form && (
        <>
          {form?.name ?? node.form}{' '}
          {form && (
            <Button type="link" className="row-button" onClick={() => setPreviewing(true)}>
              {t('fields.preview')}
            </Button>
          )}
        </>
      ),
    );
  }
  for (const field of ['upload', 'rejectable'] as const) {
    if (field in node) {
      add(field, t(`fields.${field}`), t(node[field] ? 'fields.on' : 'fields.off'));
    }
  }
  for (const field of ['submit_button', 'upload_button', 'view_button', 'confirm_button', 'reject_button'] as const) {
    if (field in node && isShown(node, field)) {
      add(field, t(labelOf(node, field)), node[field]);
    }
  }
  if ('timeout' in node) {
    add('timeout', t('fields.timeout'), node.timeout ?? 0);
  }
  if ('advance_on_timeout' in node) {
    add('advance', t('fields.advance_on_timeout'), t(node.advance_on_timeout ? 'fields.on' : 'fields.off'));
  }
  if (node.children) {
    add('children', t('fields.children'), node.children.map(({ name }) => name).join('、') || null);
  }
  return (
    <>
      <Descriptions column={1} size="small" items={items} className="node-values" />
      {node.reminders && <ReminderRows rows={node.reminders} />}
      {previewing && form && <FormPreview form={form} onClose={() => setPreviewing(false)} />}
    </>
  );
}

/** Buttons that a switch turns off are not shown (T-62, T-76). */
export function isShown(node: FlowNode, field: string): boolean {
  if (field === 'reject_button') {
    return node.rejectable === true;
  }
  return node.type !== 'general' || !['upload_button', 'view_button'].includes(field) || node.upload === true;
}

type ButtonField = 'submit_button' | 'upload_button' | 'view_button' | 'confirm_button' | 'reject_button';

export function labelOf(node: FlowNode, field: ButtonField) {
  return field === 'view_button' && node.type === 'submit_requirement'
    ? 'fields.viewRequirement'
    : (`fields.${field}` as const);
}

function ReminderRows({ rows }: { rows: readonly Reminder[] }) {
  const { t } = useTranslation('templates');
  const receivers = useReceivers([]);
  const messages = useMessageTemplates();
  return (
    <>
      <h3 className="form-title">{t('fields.reminders')}</h3>
      <DataTable<Reminder>
        size="small"
        rowKey={(row) => JSON.stringify(row)}
        rows={rows}
        empty={t('reminders.empty')}
        columns={[
          { key: 'receiver', title: t('reminders.receiver'), render: (row) => receivers.nameOf(row.receiver ?? '') },
          {
            key: 'trigger',
            title: t('reminders.trigger'),
            render: (row) => row.trigger && t(`reminders.${row.trigger}`),
          },
          {
            key: 'template',
            title: t('reminders.template'),
            render: (row) => messages.find(({ code }) => code === row.message_template)?.name ?? row.message_template,
          },
        ]}
      />
    </>
  );
}
