/** The fields of a demand form, one below the other: what it is called, its kind, whether it must be filled in. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, HolderOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Flex, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Field, fieldsOf, type JsonSchema, KINDS, moved, newField, withFields } from './formFields';
import { readSchema } from './readSchema';

export interface FormBuilderProps {
  /** The schema as a text; given by the form's item. */
  value?: string;
  onChange?: (text: string) => void;
}

export function FormBuilder({ value = '', onChange }: FormBuilderProps) {
  const { t } = useTranslation('reference');
  const [dragged, setDragged] = useState<number>();
  const read = readSchema(value);
  if ('problem' in read) {
    return <Alert type="warning" showIcon title={t('forms.notReadable')} />;
  }
  const schema = read.schema as JsonSchema;
  const fields = fieldsOf(schema);
  const tell = (next: readonly Field[]) => onChange?.(JSON.stringify(withFields(schema, next), null, 2));
  return (
    <>
      <ol className="form-fields" aria-label={t('forms.fields')}>
        {fields.map((field, place) => (
          <li
            key={field.name}
            className={dragged === place ? 'form-field form-field-dragged' : 'form-field'}
            onDragOver={(event) => {
              event.preventDefault();
              if (dragged !== undefined && dragged !== place) {
                tell(moved(fields, dragged, place));
                setDragged(place);
              }
            }}
            onDrop={(event) => event.preventDefault()}
          >
            <FieldRow
              field={field}
              place={place}
              count={fields.length}
              onChange={(next) => tell(fields.map((one) => (one.name === field.name ? next : one)))}
              onMove={(to) => tell(moved(fields, place, to))}
              onRemove={() => tell(fields.filter((one) => one.name !== field.name))}
              onDrag={setDragged}
            />
          </li>
        ))}
      </ol>
      <Button
        type="dashed"
        block
        icon={<PlusOutlined />}
        onClick={() => tell([...fields, newField(fields, t('forms.newField', { number: fields.length + 1 }))])}
      >
        {t('forms.addField')}
      </Button>
    </>
  );
}

interface FieldRowProps {
  field: Field;
  place: number;
  count: number;
  onChange: (field: Field) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
  onDrag: (place: number | undefined) => void;
}

function FieldRow({ field, place, count, onChange, onMove, onRemove, onDrag }: FieldRowProps) {
  const { t } = useTranslation('reference');
  const named = { name: field.title };
  const isText = field.kind === 'text' || field.kind === 'long';
  const isChoice = field.kind === 'choice' || field.kind === 'many';
  return (
    <>
      <Flex gap={6} align="center">
        <span
          className="form-field-handle"
          draggable
          aria-hidden
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = 'move';
            onDrag(place);
          }}
          onDragEnd={() => onDrag(undefined)}
        >
          <HolderOutlined />
        </span>
        <Input
          value={field.title}
          maxLength={50}
          status={field.title.trim() === '' ? 'error' : ''}
          aria-label={t('forms.titleOf', { number: place + 1 })}
          onChange={(event) => onChange({ ...field, title: event.target.value })}
        />
        <Select
          className="form-field-kind"
          value={field.kind}
          disabled={field.kind === 'other'}
          aria-label={t('forms.kindOf', named)}
          options={[...KINDS, ...(field.kind === 'other' ? (['other'] as const) : [])].map((kind) => ({
            value: kind,
            label: t(`forms.kinds.${kind}`),
          }))}
          onChange={(kind) => onChange({ ...field, kind, longest: undefined, part: {} })}
        />
        <Checkbox checked={field.required} onChange={(event) => onChange({ ...field, required: event.target.checked })}>
          {t('forms.required')}
        </Checkbox>
        <Button
          type="text"
          size="small"
          icon={<ArrowUpOutlined />}
          disabled={place === 0}
          aria-label={t('forms.up', named)}
          onClick={() => onMove(place - 1)}
        />
        <Button
          type="text"
          size="small"
          icon={<ArrowDownOutlined />}
          disabled={place === count - 1}
          aria-label={t('forms.down', named)}
          onClick={() => onMove(place + 1)}
        />
        <Button
          type="text"
          size="small"
          danger
          icon={<DeleteOutlined />}
          aria-label={t('forms.remove', named)}
          onClick={onRemove}
        />
      </Flex>
      <Flex gap={6} align="center" className="form-field-more">
        <Input
          value={field.hint}
          maxLength={200}
          placeholder={t('forms.hintPlaceholder')}
          aria-label={t('forms.hintOf', named)}
          onChange={(event) => onChange({ ...field, hint: event.target.value })}
        />
        {isText && (
          <InputNumber
            min={1}
            max={10_000}
            value={field.longest ?? null}
            placeholder={t('forms.longest')}
            aria-label={t('forms.longestOf', named)}
            onChange={(longest) => onChange({ ...field, longest: longest ?? undefined })}
          />
        )}
      </Flex>
      {isChoice && (
        <Select
          mode="tags"
          className="form-field-more form-field-options"
          value={[...field.options]}
          open={false}
          tokenSeparators={[',', '，', '、', '\n']}
          placeholder={t('forms.optionsPlaceholder')}
          status={field.options.length === 0 ? 'error' : ''}
          aria-label={t('forms.optionsOf', named)}
          onChange={(options: string[]) => onChange({ ...field, options })}
        />
      )}
      {field.kind === 'other' && <p className="secondary form-field-more">{t('forms.otherHint')}</p>}
    </>
  );
}
