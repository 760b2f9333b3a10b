/** The form of the node chosen: the fields of its type with marks, presets and rules (T-36 … T-95). */
import { Button, Flex, Form, Input, Radio, Select, Switch, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { FormPreview } from './FormPreview';
import { type FlowNode, hasTimeout, isClaimedBefore, isTimeout } from './model';
import { isShown, labelOf } from './NodeDetails';
import { RemindersTable } from './RemindersTable';
import { useDemandForms, useRoles } from './useReference';
import { textOf, type Violation } from './violations';

const BUTTONS = ['submit_button', 'upload_button', 'view_button', 'confirm_button'] as const;
const BUTTON_LENGTH = 20;
const NAME_LENGTH = 50;

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
  const roles = useRoles();
  const forms = useDemandForms();
  const [previewing, setPreviewing] = useState(false);
  const form = forms.find(({ code }) => code === node.form);
  const claimed = isClaimedBefore(nodes, node.id);
  const set = (change: Partial<FlowNode>) => onChange({ ...node, ...change }, Object.keys(change).join());
  const id = (field: string) => `node-${node.id}-${field}`;
  /** Everything an item needs but its control. */
  const item = (field: string, label: string, required = false) => {
    const found = violations.filter((one) => one.field === field).map((one) => textOf(one, language()));
    return {
      label,
      required,
      htmlFor: id(field),
      ...(found.length > 0
        ? { validateStatus: 'error' as const, help: <span role="alert">{found.join('；')}</span> }
        : {}),
    };
  };
  const own = violations.filter((one) => !one.field || one.field === 'children').map((one) => textOf(one, language()));
  const roleChoices = roles.choices(node);
  return (
    <Form layout="vertical" component="div" className="node-form" key={node.id}>
      <p className="secondary node-purpose">
        {node.type === 'assign_provider' ? t('fields.startHint') : t(`purposes.${node.type}`)}
      </p>
      {own.length > 0 && (
        <p className="wrong" role="alert">
          {own.join('；')}
        </p>
      )}
      <Form.Item {...item('name', t('fields.name'), true)}>
        <Input
          id={id('name')}
          value={node.name}
          maxLength={NAME_LENGTH}
          aria-required
          placeholder={t('fields.pleaseEnter', { name: t('fields.name') })}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Form.Item>
      {'side' in node && (
        <Form.Item {...item('side', t('fields.side'), true)}>
          <Radio.Group
            id={id('side')}
            aria-label={t('fields.side')}
            value={node.side}
            options={[
              { value: 'provider', label: t('fields.provider') },
              { value: 'customer', label: t('fields.customer') },
            ]}
            onChange={(event) => {
              const side = event.target.value as FlowNode['side'];
              set({ side: side ?? null, role: side === 'customer' ? 'customer' : null });
            }}
          />
        </Form.Item>
      )}
      {'role' in node && (
        <Form.Item {...item('role', t('fields.role'), true)}>
          <Select
            id={id('role')}
            value={node.role ?? null}
            disabled={'side' in node && !node.side}
            placeholder={t('fields.pleaseChoose')}
            showSearch={{ optionFilterProp: 'label' }}
            options={roleChoices}
            onChange={(role) => set({ role })}
          />
        </Form.Item>
      )}
      {'rule' in node && (
        <Form.Item {...item('rule', t('fields.rule'), true)} {...(claimed ? {} : { extra: t('fields.departmentWhy') })}>
          <Radio.Group
            id={id('rule')}
            aria-label={t('fields.rule')}
            value={node.rule}
            options={[
              { value: 'provider_first', label: t('fields.provider_first') },
              { value: 'department_first', label: t('fields.department_first'), disabled: !claimed },
            ]}
            onChange={(event) => set({ rule: event.target.value as NonNullable<FlowNode['rule']> })}
          />
        </Form.Item>
      )}
      {'form' in node && (
        <Form.Item {...item('form', t('fields.form'), true)}>
          <Flex gap="small">
            <Select
              id={id('form')}
              value={node.form ?? null}
              placeholder={t('fields.pleaseChoose')}
              showSearch={{ optionFilterProp: 'label' }}
              options={forms.filter(({ active }) => active).map(({ code, name }) => ({ value: code, label: name }))}
              onChange={(chosen) => set({ form: chosen })}
            />
            <Tooltip title={form ? undefined : t('preview.empty')}>
              <Button disabled={!form} onClick={() => setPreviewing(true)}>
                {t('fields.preview')}
              </Button>
            </Tooltip>
          </Flex>
        </Form.Item>
      )}
      {'upload' in node && (
        <SwitchItem
          id={id('upload')}
          label={t('fields.upload')}
          on={node.upload}
          onChange={(upload) => set({ upload })}
        />
      )}
      {BUTTONS.filter((field) => field in node && isShown(node, field)).map((field) => (
        <Form.Item key={field} {...item(field, t(labelOf(node, field)), true)}>
          <Input
            id={id(field)}
            value={node[field] ?? ''}
            maxLength={BUTTON_LENGTH}
            aria-required
            placeholder={t('fields.pleaseEnter', { name: t(labelOf(node, field)) })}
            onChange={(event) => set({ [field]: event.target.value })}
          />
        </Form.Item>
      ))}
      {'rejectable' in node && (
        <SwitchItem
          id={id('rejectable')}
          label={t('fields.rejectable')}
          on={node.rejectable}
          hint={t('fields.rejectHint')}
          wrong={violations.find((one) => one.field === 'rejectable')}
          onChange={(rejectable) => set({ rejectable })}
        />
      )}
      {'reject_button' in node && node.rejectable && (
        <Form.Item {...item('reject_button', t('fields.reject_button'), true)}>
          <Input
            id={id('reject_button')}
            value={node.reject_button ?? ''}
            maxLength={BUTTON_LENGTH}
            aria-required
            placeholder={t('fields.pleaseEnter', { name: t('fields.reject_button') })}
            onChange={(event) => set({ reject_button: event.target.value })}
          />
        </Form.Item>
      )}
      {'timeout' in node && (
        <Form.Item
          {...item('timeout', t('fields.timeout'))}
          extra={t('fields.timeoutHint')}
          {...(isTimeout(node.timeout)
            ? {}
            : { validateStatus: 'error' as const, help: <span role="alert">{t('fields.timeoutWrong')}</span> })}
        >
          <Input
            id={id('timeout')}
            className="timeout"
            inputMode="decimal"
            value={node.timeout ?? ''}
            aria-invalid={!isTimeout(node.timeout)}
            onChange={(event) => {
              const timeout = event.target.value;
              set({ timeout, ...(hasTimeout({ ...node, timeout }) ? {} : withoutAdvance(node)) });
            }}
          />
        </Form.Item>
      )}
      {'advance_on_timeout' in node && (
        <SwitchItem
          id={id('advance_on_timeout')}
          label={t('fields.advance_on_timeout')}
          on={node.advance_on_timeout}
          disabled={!hasTimeout(node)}
          hint={hasTimeout(node) ? undefined : t('fields.advanceWhy')}
          wrong={violations.find((one) => one.field === 'advance_on_timeout')}
          onChange={(advance) => set({ advance_on_timeout: advance })}
        />
      )}
      {node.reminders && (
        <RemindersTable
          nodes={nodes}
          node={node}
          violations={[...violations, ...warnings].filter(({ field }) => field?.startsWith('reminders.'))}
          onChange={(reminders) => onChange({ ...node, reminders }, 'reminders')}
        />
      )}
      {previewing && form && <FormPreview form={form} onClose={() => setPreviewing(false)} />}
    </Form>
  );
}

/** Without a timeout nothing advances on it (T-67). */
function withoutAdvance(node: FlowNode): Partial<FlowNode> {
  return 'advance_on_timeout' in node ? { advance_on_timeout: false } : {};
}

function SwitchItem(props: {
  id: string;
  label: string;
  on: boolean | undefined;
  disabled?: boolean;
  hint?: string | undefined;
  wrong?: Violation | undefined;
  onChange: (on: boolean) => void;
}) {
  return (
    <div className="switch-item">
      <Flex align="center" gap="small">
        <Switch
          id={props.id}
          checked={props.on === true}
          disabled={props.disabled ?? false}
          aria-label={props.label}
          onChange={props.onChange}
        />
        <label htmlFor={props.id}>{props.label}</label>
      </Flex>
      {props.hint && <div className="secondary switch-hint">{props.hint}</div>}
      {props.wrong && (
        <div className="wrong" role="alert">
          {textOf(props.wrong, language())}
        </div>
      )}
    </div>
  );
}
