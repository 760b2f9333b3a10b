/** The form of a node with all its values, not editable (T-15, T-16). */
import { Button, Descriptions, type DescriptionsProps } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { FormPreview } from './FormPreview';
import { type FormField, kindOf, shownFields, worded } from './forms';
import type { FlowNode, Reminder } from './node';
import { useForms } from './useNodeForms';
import { useReceivers } from './useReceivers';
import { useDemandForms, useMessageTemplates, useRoles } from './useReference';

export function NodeDetails({ node }: { node: FlowNode }) {
  const { t } = useTranslation('templates');
  const kind = kindOf(useForms(), node.type);
  const roles = useRoles();
  const forms = useDemandForms();
  const [previewing, setPreviewing] = useState(false);
  const form = forms.find(({ code }) => code === node.form);
  const shownValue = (field: FormField): ReactNode => {
    const value = node[field.name];
    switch (field.control) {
      case 'switch':
        return t(value ? 'fields.on' : 'fields.off');
      case 'days':
        return Number(value ?? 0);
      case 'role':
        return value ? roles.nameOf(String(value)) : null;
      case 'choice':
        return worded(field.choices.find((one) => one.value === value)?.text, language()) || null;
      case 'nodes':
        return node.children?.map(({ name }) => name).join('、') || null;
      case 'demand_form':
        return value ? (
          <>
            {form?.name ?? String(value)}{' '}
            {form && (
              <Button type="link" className="row-button" onClick={() => setPreviewing(true)}>
                {t('fields.preview')}
              </Button>
            )}
          </>
        ) : null;
      default:
        return value === null || value === undefined ? null : String(value);
    }
  };
  const items: NonNullable<DescriptionsProps['items']> = [
    { key: 'type', label: t('list.scope'), children: worded(kind.name, language()) },
    ...shownFields(kind, node)
      .filter(({ control }) => control !== 'reminders')
      .map((field) => ({
        key: field.name,
        label: worded(field.label, language()),
        children: shownValue(field) ?? t('fields.none'),
      })),
  ];
  return (
    <>
      <Descriptions column={1} size="small" items={items} className="node-values" />
      {node.reminders && <ReminderRows rows={node.reminders} />}
      {previewing && form && <FormPreview form={form} onClose={() => setPreviewing(false)} />}
    </>
  );
}

function ReminderRows({ rows }: { rows: readonly Reminder[] }) {
  const { t } = useTranslation('templates');
  const { triggers } = useForms();
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
          {
            key: 'receiver',
            title: t('reminders.receiver'),
            width: 120,
            render: (row) => receivers.nameOf(row.receiver ?? ''),
          },
          {
            key: 'trigger',
            width: 120,
            title: t('reminders.trigger'),
            render: (row) => worded(triggers.find(({ value }) => value === row.trigger)?.text, language()),
          },
          {
            key: 'template',
            width: 130,
            title: t('reminders.template'),
            render: (row) => messages.find(({ code }) => code === row.message_template)?.name ?? row.message_template,
          },
        ]}
      />
    </>
  );
}
