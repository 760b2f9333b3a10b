/** 消息提醒设置: 接收者, 触发时机 and below them 消息模板 of each; ⊗ takes one out (T-86 … T-95). */
import { CloseCircleOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Select } from 'antd';
import type { DefaultOptionType } from 'antd/es/select';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { triggersOf, worded } from './forms';
import type { FlowNode, Reminder } from './node';
import { useForms } from './useNodeForms';
import { useReceivers } from './useReceivers';
import { useMessageTemplates } from './useReference';
import { textThere, type Violation } from './violations';

export interface RemindersTableProps {
  id: string;
  nodes: readonly FlowNode[];
  node: FlowNode;
  /** Those of the reminders: their fields begin with `reminders.<place>`. */
  violations: readonly Violation[];
  onChange: (reminders: Reminder[]) => void;
}

export function RemindersTable({ id, nodes, node, violations, onChange }: RemindersTableProps) {
  const { t } = useTranslation('templates');
  const rows = node.reminders ?? [];
  return (
    <section aria-label={t('fields.reminders')} id={id} tabIndex={-1}>
      <Flex justify="space-between" align="center">
        <h3 className="form-title">{t('fields.reminders')}</h3>
        <Button
          size="small"
          icon={<PlusOutlined />}
          onClick={() => onChange([...rows, { receiver: null, trigger: null, message_template: null }])}
        >
          {t('reminders.add')}
        </Button>
      </Flex>
      {rows.length === 0 && <p className="secondary reminders-none">{t('reminders.empty')}</p>}
      <ol className="reminders">
        {rows.map((row, place) => (
          <Row
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
            key={place}
            nodes={nodes}
            node={node}
            row={row}
            place={place + 1}
            violations={violations.filter(({ field }) => field?.startsWith(`reminders.${place}.`))}
            onChange={(changed) => onChange(rows.map((one) => (one === row ? changed : one)))}
            onRemove={() => onChange(rows.filter((one) => one !== row))}
          />
        ))}
      </ol>
    </section>
  );
}

function Row(props: {
  nodes: readonly FlowNode[];
  node: FlowNode;
  row: Reminder;
  place: number;
  violations: readonly Violation[];
  onChange: (row: Reminder) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation('templates');
  const { node, row, place, onChange } = props;
  const receivers = useReceivers(props.nodes);
  const messages = useMessageTemplates(node, row.receiver);
  const forms = useForms();
  const possible = triggersOf(forms, node);
  // What was chosen while it was possible stays shown, so that its mistake can be seen.
  const triggers = forms.triggers.filter((one) => possible.includes(one) || one.value === row.trigger);
  const active = messages.filter(({ active }) => active);
  const option = ({ code, name }: { code: string; name: string }) => ({ value: code, label: name });
  const isGrouped = Boolean(row.receiver) && active.some(({ fits }) => fits);
  const chosen = messages.find(({ code }) => code === row.message_template);
  const misfit = Boolean(row.receiver) && chosen !== undefined && chosen.fits === false;
  const texts = props.violations
    .filter(({ code }) => code !== 'message_template_misfit')
    .map((one) => textThere(one, language()));
  const common = { placeholder: t('fields.pleaseChoose'), className: 'reminder-choice' };
  return (
    <li className="reminder">
      <div className="reminder-row">
        <span className="outline-place">{place}</span>
        <Select
          {...common}
          aria-label={t('reminders.rowReceiver', { place })}
          value={row.receiver}
          options={receivers.choices}
          onChange={(receiver) => onChange({ ...row, receiver })}
        />
        <Select<string | null>
          {...common}
          aria-label={t('reminders.rowTrigger', { place })}
          value={row.trigger}
          options={triggers.map(({ value, text }) => ({ value, label: worded(text, language()) }))}
          onChange={(trigger) => onChange({ ...row, trigger })}
        />
        <Button
          type="text"
          size="small"
          danger
          icon={<CloseCircleOutlined />}
          aria-label={t('reminders.removeRow', { place })}
          onClick={props.onRemove}
        />
      </div>
      <div className="reminder-row">
        <span className="outline-place" />
        <Select<string | null, DefaultOptionType>
          {...common}
          aria-label={t('reminders.rowTemplate', { place })}
          value={row.message_template}
          popupMatchSelectWidth={false}
          showSearch={{ optionFilterProp: 'label' }}
          options={
            isGrouped
              ? [
                  { label: t('reminders.fitting'), options: active.filter(({ fits }) => fits).map(option) },
                  { label: t('reminders.others'), options: active.filter(({ fits }) => !fits).map(option) },
                ]
              : active.map(option)
          }
          onChange={(message_template) => onChange({ ...row, message_template })}
        />
      </div>
      {texts.length > 0 && (
        <div className="wrong reminders-note" role="alert">
          {texts.join('；')}
        </div>
      )}
      {misfit && (
        <div className="warned reminders-note" role="status">
          {t('reminders.misfit')}
        </div>
      )}
    </li>
  );
}
