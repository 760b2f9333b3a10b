/** How the fields of a demand form look: choices that begin empty, calendars of the platform, lists with words. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import {
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  ariaDescribedByIds,
  buttonId,
  type WidgetProps,
} from '@rjsf/utils';
import { Button, Input, Select } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { momentOf, readingOf } from '../app/times';
import { lazily } from './lazily';

/** Few forms ask for days. */
const DayPicker = lazily(async () => ({ default: (await import('./pickers')).DayPicker }));
const ReadingPicker = lazily(async () => ({ default: (await import('./pickers')).ReadingPicker }));

/** Texts that may be longer get room. */
const LONG = 500;

/** Nothing is chosen at first; what need not be chosen can be emptied again. */
function Choice({ id, value, options, required, disabled, readonly, multiple, onChange }: WidgetProps) {
  const { t } = useTranslation();
  const all = options.enumOptions ?? [];
  const places = (multiple ? ((value as unknown[]) ?? []) : value === undefined || value === '' ? [] : [value])
    .map((one) => all.findIndex((option) => option.value === one))
    .filter((place) => place >= 0);
  return (
    <Select<number | number[] | null>
      id={id}
      aria-describedby={ariaDescribedByIds(id)}
      aria-required={required ?? false}
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

function Day({ id, value, disabled, readonly, onChange }: WidgetProps) {
  return (
    <Suspense fallback={<Input disabled />}>
      <DayPicker
        id={id}
        aria-describedby={ariaDescribedByIds(id)}
        value={(value as string | undefined) ?? null}
        disabled={Boolean(disabled || readonly)}
        onChange={(day) => onChange(day ?? undefined)}
      />
    </Suspense>
  );
}

/** A moment: shown and chosen as the platform's clocks read. */
function Moment({ id, value, disabled, readonly, onChange }: WidgetProps) {
  return (
    <Suspense fallback={<Input disabled />}>
      <ReadingPicker
        id={id}
        aria-describedby={ariaDescribedByIds(id)}
        value={value ? readingOf(String(value)) : null}
        disabled={Boolean(disabled || readonly)}
        onChange={(reading) => onChange(reading ? momentOf(reading) : undefined)}
      />
    </Suspense>
  );
}

function LongText({ id, value, schema, required, disabled, readonly, onChange }: WidgetProps) {
  return (
    <Input.TextArea
      id={id}
      aria-describedby={ariaDescribedByIds(id)}
      aria-required={required ?? false}
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
  const { t } = useTranslation();
  return (
    <fieldset id={fieldPathId.$id} className="schema-list">
      <legend className={required ? 'needed' : undefined}>{title}</legend>
      {schema.description && <p className="secondary">{schema.description}</p>}
      {items}
      {canAdd && (
        <Button
          id={buttonId(fieldPathId, 'add')}
          type="dashed"
          block
          icon={<PlusOutlined />}
          disabled={Boolean(disabled || readonly)}
          onClick={onAddClick}
        >
          {t('form.addItem', { name: title })}
        </Button>
      )}
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

export const widgets = { SelectWidget: Choice, DateWidget: Day, DateTimeWidget: Moment, TextareaWidget: LongText };
export const templates = { ArrayFieldTemplate: List, ArrayFieldItemTemplate: Item };

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
