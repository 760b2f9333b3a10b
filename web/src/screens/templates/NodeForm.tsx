/** The form of the node chosen: the fields of its kind with marks, presets and rules (T-36 … T-95). */
import { Button, Flex, Form, Input, Radio, Select, Switch, Tooltip } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { plainDigits } from '../../app/digits';
import { language } from '../../i18n';
import { FormPreview } from './FormPreview';
import { changed, differing, type FormField, isOpen, isRight, kindOf, shownFields, worded } from './forms';
import { standsBefore } from './model';
import type { FlowNode } from './node';
import { RemindersTable } from './RemindersTable';
import { useForms } from './useNodeForms';
import { useDemandForms, useRoles } from './useReference';
import { textThere, type Violation } from './violations';

/** Where a field of a node's form stands in the page; `reminders.2.role` in the list of reminders. */
export function fieldId(nodeId: string, field: string): string {
  return `node-${nodeId}-${field.split('.')[0]}`;
}

export interface NodeFormProps {
  nodes: readonly FlowNode[];
  node: FlowNode;
  /** `field` names what was changed, so that typing is one step of undoing. */
  onChange: (node: FlowNode, field: string) => void;
  violations: readonly Violation[];
  warnings: readonly Violation[];
}

export function NodeForm({ nodes, node, onChange, violations, warnings }: NodeFormProps) {
  const { t } = useTranslation('templates');
  const kind = kindOf(useForms(), node.type);
  const roles = useRoles();
  const forms = useDemandForms();
  const [previewing, setPreviewing] = useState(false);
  const form = forms.find(({ code }) => code === node.form);
  const set = (field: FormField, value: unknown) => {
    const next = changed(kind, node, { [field.name]: value });
    const names = differing(node, next);
    onChange(next, names.length > 0 ? names.join() : field.name);
  };
  const id = (field: FormField) => fieldId(node.id, field.name);
  const refusal = (field: FormField) =>
    violations
      .filter((one) => one.field === field.name)
      .map((one) => textThere(one, language()))
      .join('；');
  /** The item of a field around its control. */
  const item = (field: FormField, control: ReactNode, extra: ReactNode = worded(field.hint, language())) => {
    const wrong = isRight(field, node[field.name]) ? refusal(field) : worded(field.wrong, language());
    return (
      <Form.Item
        key={field.name}
        label={worded(field.label, language())}
        required={field.required}
        htmlFor={id(field)}
        extra={extra || undefined}
        {...(wrong ? { validateStatus: 'error' as const, help: <span role="alert">{wrong}</span> } : {})}
      >
        {control}
      </Form.Item>
    );
  };
  const controlOf = (field: FormField): ReactNode => {
    const label = worded(field.label, language());
    const value = node[field.name];
    switch (field.control) {
      case 'text':
        return item(
          field,
          <Input
            id={id(field)}
            value={String(value ?? '')}
            {...(field.longest ? { maxLength: field.longest } : {})}
            aria-required={field.required}
            placeholder={t('fields.pleaseEnter', { name: label })}
            onChange={(event) => set(field, event.target.value)}
          />,
        );
      case 'switch':
        return (
          <SwitchItem
            key={field.name}
            id={id(field)}
            label={label}
            on={value === true}
            disabled={!isOpen(kind, node, field)}
            hint={worded(isOpen(kind, node, field) ? field.hint : field.why, language())}
            wrong={refusal(field)}
            onChange={(on) => set(field, on)}
          />
        );
      case 'choice': {
        const closed = field.choices.filter(({ after }) => after !== null && !standsBefore(nodes, node.id, after));
        return item(
          field,
          <Radio.Group
            id={id(field)}
            aria-label={label}
            value={value}
            options={field.choices.map((choice) => ({
              value: choice.value,
              label: worded(choice.text, language()),
              disabled: closed.includes(choice),
            }))}
            onChange={(event) => set(field, event.target.value)}
          />,
          worded(closed[0]?.why, language()),
        );
      }
      case 'role':
        return item(
          field,
          <Select
            id={id(field)}
            value={node.role ?? null}
            disabled={!isOpen(kind, node, field)}
            placeholder={t('fields.pleaseChoose')}
            showSearch={{ optionFilterProp: 'label' }}
            options={roles.choices(kind, node, field)}
            onChange={(role) => set(field, role)}
          />,
        );
      case 'demand_form':
        return item(
          field,
          <Flex gap="small">
            <Select
              id={id(field)}
              value={node.form ?? null}
              placeholder={t('fields.pleaseChoose')}
              showSearch={{ optionFilterProp: 'label' }}
              options={forms.filter(({ active }) => active).map(({ code, name }) => ({ value: code, label: name }))}
              onChange={(chosen) => set(field, chosen)}
            />
            <Tooltip title={form ? undefined : t('preview.empty')}>
              <Button disabled={!form} onClick={() => setPreviewing(true)}>
                {t('fields.preview')}
              </Button>
            </Tooltip>
          </Flex>,
        );
      case 'days':
        return item(
          field,
          <Input
            id={id(field)}
            className="timeout"
            inputMode="decimal"
            value={String(value ?? '')}
            aria-invalid={!isRight(field, value)}
            onChange={(event) => set(field, plainDigits(event.target.value))}
          />,
        );
      case 'reminders':
        return (
          <RemindersTable
            key={field.name}
            id={id(field)}
            nodes={nodes}
            node={node}
            violations={[...violations, ...warnings].filter((one) => one.field?.startsWith('reminders.'))}
            onChange={(reminders) => set(field, reminders)}
          />
        );
      default:
        return null;
    }
  };
  const own = violations
    .filter((one) => !one.field || one.field === 'children')
    .map((one) => textThere(one, language()));
  return (
    <Form layout="vertical" component="div" className="node-form" key={node.id}>
      <p className="secondary node-purpose">{worded(kind.purpose, language())}</p>
      {own.length > 0 && (
        <p className="wrong" role="alert">
          {own.join('；')}
        </p>
      )}
      {shownFields(kind, node).map(controlOf)}
      {previewing && form && <FormPreview form={form} onClose={() => setPreviewing(false)} />}
    </Form>
  );
}

function SwitchItem(props: {
  id: string;
  label: string;
  on: boolean;
  disabled: boolean;
  hint: string;
  wrong: string;
  onChange: (on: boolean) => void;
}) {
  return (
    <div className="switch-item">
      <Flex align="center" gap="small">
        <Switch
          id={props.id}
          checked={props.on}
          disabled={props.disabled}
          aria-label={props.label}
          onChange={props.onChange}
        />
        <label htmlFor={props.id}>{props.label}</label>
      </Flex>
      {props.hint && <div className="secondary switch-hint">{props.hint}</div>}
      {props.wrong && (
        <div className="wrong" role="alert">
          {props.wrong}
        </div>
      )}
    </div>
  );
}
