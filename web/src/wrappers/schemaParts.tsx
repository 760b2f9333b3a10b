/**
 * How a demand form looks: labels above their fields, breaches below, choices that begin empty, numbers in any digits,
 * calendars of the platform, lists with words. All of rjsf's looks are here; its theme for antd brings antd's forms along.
 */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { SchemaExamples } from '@rjsf/core';
import {
  ADDITIONAL_PROPERTY_FLAG,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  ariaDescribedByIds,
  type BaseInputTemplateProps,
  buttonId,
  canExpand,
  descriptionId,
  errorId,
  examplesId,
  type FieldPathId,
  type FieldTemplateProps,
  getSchemaType,
  type ObjectFieldTemplateProps,
  type WidgetProps,
} from '@rjsf/utils';
import { Button, type ButtonProps, Checkbox, Input, Select } from 'antd';
import { Fragment, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { plainDigits } from '../app/digits';
import { momentOf, readingOf } from '../app/times';
import { lazily } from './lazily';

/** Not every form asks for days. */
const DayPicker = lazily(async () => ({ default: (await import('./pickers')).DayPicker }));
const ReadingPicker = lazily(async () => ({ default: (await import('./pickers')).ReadingPicker }));

/** Texts that may be longer get room. */
const LONG = 500;

function Field(props: FieldTemplateProps) {
  const { id, label, displayLabel, required, rawDescription, rawErrors, schema, hidden, classNames, children } = props;
  if (hidden) {
    return <div hidden>{children}</div>;
  }
  const isList = schema.type === 'array' && !displayLabel; // which says its description itself
  return (
    <div className={`schema-field ${classNames ?? ''}`}>
      {displayLabel && (
        <label htmlFor={id} className={required ? 'schema-label needed' : 'schema-label'}>
          {label}
        </label>
      )}
      {ADDITIONAL_PROPERTY_FLAG in schema ? <Added {...props} /> : children}
      {rawErrors && rawErrors.length > 0 && (
        <div id={errorId(id)} className="schema-breach">
          {rawErrors.map((breach) => (
            <div key={breach}>{breach}</div>
          ))}
        </div>
      )}
      {rawDescription && !isList && (
        <div id={descriptionId(id)} className="secondary">
          {rawDescription}
        </div>
      )}
    </div>
  );
}

/** A property that the schema does not name: its name can be changed, and it can be taken out. */
function Added({ id, label, disabled, readonly, onKeyRenameBlur, onRemoveProperty, children }: FieldTemplateProps) {
  const { t } = useTranslation();
  return (
    <div className="schema-added">
      <Input
        key={label}
        id={`${id}-key`}
        aria-label={t('form.name')}
        defaultValue={label}
        disabled={disabled || readonly}
        onBlur={onKeyRenameBlur}
      />
      <div>{children}</div>
      <Button
        type="text"
        icon={<DeleteOutlined />}
        disabled={disabled || readonly}
        aria-label={t('form.remove', { name: label })}
        onClick={onRemoveProperty}
      />
    </div>
  );
}

/** Adds a property to a group, or an item to a list. */
function Add(props: { to: FieldPathId; name: string; disabled: boolean; onAdd: ButtonProps['onClick'] }) {
  const { t } = useTranslation();
  return (
    <Button
      id={buttonId(props.to, 'add')}
      type="dashed"
      block
      icon={<PlusOutlined />}
      disabled={props.disabled}
      onClick={props.onAdd}
    >
      {t('form.addItem', { name: props.name })}
    </Button>
  );
}

function Group(props: ObjectFieldTemplateProps) {
  const { fieldPathId, title, required, properties, schema, uiSchema, formData, disabled, readonly } = props;
  return (
    <fieldset id={fieldPathId.$id}>
      {title && <legend className={required ? 'needed' : undefined}>{title}</legend>}
      {properties.map(({ name, content }) => (
        <Fragment key={name}>{content}</Fragment>
      ))}
      {canExpand(schema, uiSchema, formData) && (
        <Add to={fieldPathId} name={title} disabled={Boolean(disabled || readonly)} onAdd={props.onAddProperty} />
      )}
    </fieldset>
  );
}

/** How a field shows that it is breached. */
function stateOf(breaches: readonly string[] | undefined) {
  const isBreached = breaches !== undefined && breaches.length > 0;
  return { status: isBreached ? ('error' as const) : ('' as const), 'aria-invalid': isBreached };
}

/** One line of text. Numbers are typed as they come: what is none is said to be none, and not taken away. */
function Line(props: BaseInputTemplateProps) {
  const { id, htmlName, type, value, schema, options, required, disabled, readonly, rawErrors, onChange } = props;
  const kind = getSchemaType(schema);
  const isNumber = kind === 'number' || kind === 'integer';
  const hasExamples = Boolean(schema.examples);
  return (
    <>
      <Input
        id={id}
        name={htmlName || id}
        type={type ?? 'text'}
        {...(isNumber ? { inputMode: kind === 'integer' ? 'numeric' : 'decimal' } : {})}
        {...stateOf(rawErrors)}
        {...(hasExamples ? { list: examplesId(id) } : {})}
        aria-describedby={ariaDescribedByIds(id, hasExamples)}
        required={required ?? false}
        disabled={Boolean(disabled || readonly)}
        value={(value as string | number | undefined) ?? ''}
        onChange={({ target }) => {
          const typed = isNumber ? plainDigits(target.value) : target.value;
          onChange(typed === '' ? options.emptyValue : typed);
        }}
      />
      <SchemaExamples id={id} schema={schema} />
    </>
  );
}

function Yes({ id, htmlName, label, hideLabel, value, required, disabled, readonly, onChange }: WidgetProps) {
  return (
    <Checkbox
      id={id}
      name={htmlName || id}
      aria-describedby={ariaDescribedByIds(id)}
      required={required ?? false}
      disabled={Boolean(disabled || readonly)}
      checked={Boolean(value)}
      onChange={({ target }) => onChange(target.checked)}
    >
      {!hideLabel && <span className={required ? 'needed' : undefined}>{label}</span>}
    </Checkbox>
  );
}

/** Nothing is chosen at first; what need not be chosen can be emptied again. */
function Choice(props: WidgetProps) {
  const { id, label, value, options, required, disabled, readonly, multiple, rawErrors, onChange } = props;
  const { t } = useTranslation();
  const all = options.enumOptions ?? [];
  const places = (multiple ? ((value as unknown[]) ?? []) : value === undefined || value === '' ? [] : [value])
    .map((one) => all.findIndex((option) => option.value === one))
    .filter((place) => place >= 0);
  return (
    <Select<number | number[] | null>
      id={id}
      aria-label={label} // what chooses between schemas has no other
      aria-describedby={ariaDescribedByIds(id)}
      aria-required={required ?? false}
      {...stateOf(rawErrors)}
      {...(multiple ? { mode: 'multiple' as const } : {})}
      value={multiple ? places : (places[0] ?? null)}
      disabled={Boolean(disabled || readonly)}
      allowClear={!required || Boolean(multiple)}
      placeholder={t('form.choose')}
      options={all.map(({ label }, place) => ({ value: place, label }))}
      onChange={(chosen) => {
        const values = [chosen ?? []].flat().map((place) => all[place]?.value as unknown);
        onChange(multiple ? values : values[0]);
      }}
    />
  );
}

function Day({ id, value, disabled, readonly, rawErrors, onChange }: WidgetProps) {
  return (
    <Suspense fallback={<Input disabled />}>
      <DayPicker
        id={id}
        aria-describedby={ariaDescribedByIds(id)}
        {...stateOf(rawErrors)}
        value={(value as string | undefined) ?? null}
        disabled={Boolean(disabled || readonly)}
        onChange={(day) => onChange(day ?? undefined)}
      />
    </Suspense>
  );
}

/** A moment: shown and chosen as the platform's clocks read. */
function Moment({ id, value, disabled, readonly, rawErrors, onChange }: WidgetProps) {
  return (
    <Suspense fallback={<Input disabled />}>
      <ReadingPicker
        id={id}
        aria-describedby={ariaDescribedByIds(id)}
        {...stateOf(rawErrors)}
        value={value ? readingOf(String(value)) : null}
        disabled={Boolean(disabled || readonly)}
        onChange={(reading) => onChange(reading ? momentOf(reading) : undefined)}
      />
    </Suspense>
  );
}

function LongText({ id, value, schema, required, disabled, readonly, rawErrors, onChange }: WidgetProps) {
  return (
    <Input.TextArea
      id={id}
      aria-describedby={ariaDescribedByIds(id)}
      aria-required={required ?? false}
      {...stateOf(rawErrors)}
      value={(value as string | undefined) ?? ''}
      disabled={Boolean(disabled || readonly)}
      rows={3}
      className="growing"
      {...(schema.maxLength ? { count: { show: true, max: schema.maxLength } } : {})}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    />
  );
}

function List({
  fieldPathId,
  title,
  schema,
  required,
  items,
  canAdd,
  disabled,
  readonly,
  onAddClick,
}: ArrayFieldTemplateProps) {
  return (
    <fieldset id={fieldPathId.$id} className="schema-list">
      <legend className={required ? 'needed' : undefined}>{title}</legend>
      {schema.description && <p className="secondary">{schema.description}</p>}
      {items}
      {canAdd && <Add to={fieldPathId} name={title} disabled={Boolean(disabled || readonly)} onAdd={onAddClick} />}
    </fieldset>
  );
}

function Item({ children, buttonsProps, index, hasToolbar, displayLabel }: ArrayFieldItemTemplateProps) {
  const { t } = useTranslation();
  return (
    <div className={displayLabel ? 'schema-item schema-scalar' : 'schema-item'}>
      <span className="schema-item-number" aria-hidden>
        {index + 1}
      </span>
      <div>{children}</div>
      {hasToolbar && buttonsProps.hasRemove && (
        <Button
          type="text"
          icon={<DeleteOutlined />}
          disabled={Boolean(buttonsProps.disabled)}
          aria-label={t('form.removeItem', { number: index + 1 })}
          onClick={buttonsProps.onRemoveItem}
        />
      )}
    </div>
  );
}

export const widgets = {
  CheckboxWidget: Yes,
  DateTimeWidget: Moment,
  DateWidget: Day,
  SelectWidget: Choice,
  TextareaWidget: LongText,
};
export const templates = {
  ArrayFieldItemTemplate: Item,
  ArrayFieldTemplate: List,
  BaseInputTemplate: Line,
  FieldTemplate: Field,
  ObjectFieldTemplate: Group,
};

interface Part {
  type?: unknown;
  format?: string;
  maxLength?: number;
  properties?: Record<string, Part>;
  items?: Part;
}

/** Text areas where much may be written and no format says that it is one line. */
export function looks({ properties = {}, items }: Part): Record<string, unknown> {
  const of = (part: Part): Record<string, unknown> => ({
    ...(part.type === 'string' && !part.format && (part.maxLength ?? 0) > LONG ? { 'ui:widget': 'textarea' } : {}),
    ...looks(part),
  });
  return {
    ...Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, of(part)])),
    ...(items ? { items: of(items) } : {}),
  };
}
