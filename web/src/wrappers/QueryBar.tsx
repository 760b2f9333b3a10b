/**
 * The query bar of a list: 查询, 重置 and – where there are more fields than the first ones – 更多; on a phone the rows
 * come before all fields but one. What is typed counts once 查询 is pressed (or Enter); choices count at once.
 */
import { CloseCircleFilled, DownOutlined, UpOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Flex, Grid, Input, Select } from 'antd';
import { Suspense, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazily } from './lazily';

const DayPicker = lazily(async () => ({ default: (await import('./pickers')).DayPicker }));

export type QueryField = {
  /** Name of the filter, as in the address and the API. */
  name: string;
  /** Read to those who do not see the placeholder; shown where there is room. */
  label: string;
  placeholder?: string;
  /** Shown without 更多. */
  first?: boolean;
} & (
  | { kind: 'text' }
  | { kind: 'day' }
  | { kind: 'choice'; options: { value: string; label: string }[] }
  /** A text of which the usual values are offered; a part of one will do. */
  | { kind: 'suggested'; values: readonly string[] }
);

type Draft = Record<string, string | null | undefined>;

export interface QueryBarProps {
  fields: readonly QueryField[];
  values: Draft;
  onSearch: (values: Draft) => void;
  onReset: () => void;
}

export function QueryBar({ fields, values, onSearch, onReset }: QueryBarProps) {
  const { t } = useTranslation();
  const id = useId();
  const isWide = Grid.useBreakpoint().md ?? true;
  const first = fields.filter((field) => field.first).slice(0, isWide ? undefined : 1);
  const hidden = fields.filter((field) => !first.includes(field));
  const [unfolded, setUnfolded] = useState(() => hidden.some((field) => values[field.name]));
  const [draft, setDraft] = useState<Draft>({});
  const shown = unfolded ? fields : first;
  const current = (field: QueryField) => (field.name in draft ? draft[field.name] : values[field.name]) ?? '';
  const apply = (more: Draft = {}) => {
    const all = { ...draft, ...more };
    setDraft({});
    onSearch(Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value?.trim() || null])));
  };
  return (
    <search>
      <form
        className="query-bar"
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        {shown.map((field) => (
          <div key={field.name} className="query-field">
            <label htmlFor={`${id}${field.name}`}>{field.label}</label>
            {field.kind === 'choice' ? (
              <Select
                id={`${id}${field.name}`}
                aria-label={field.label}
                value={current(field) || null}
                options={field.options}
                placeholder={field.placeholder ?? t('list.all')}
                allowClear
                showSearch={{ optionFilterProp: 'label' }}
                onChange={(value) => apply({ [field.name]: value ?? null })}
              />
            ) : field.kind === 'day' ? (
              <Suspense fallback={<Input disabled />}>
                <DayPicker
                  id={`${id}${field.name}`}
                  value={current(field) || null}
                  onChange={(day) => apply({ [field.name]: day })}
                />
              </Suspense>
            ) : field.kind === 'suggested' ? (
              <AutoComplete
                id={`${id}${field.name}`}
                aria-label={field.label}
                value={current(field)}
                options={suggestions(field.values, current(field))}
                placeholder={field.placeholder}
                allowClear
                onChange={(value) => setDraft({ ...draft, [field.name]: value })}
                onSelect={(value) => apply({ [field.name]: value })}
              />
            ) : (
              <Input
                id={`${id}${field.name}`}
                value={current(field)}
                maxLength={100}
                placeholder={field.placeholder}
                allowClear={{ clearIcon: <CloseCircleFilled aria-label={t('list.clear', { name: field.label })} /> }}
                onChange={(event) => setDraft({ ...draft, [field.name]: event.target.value })}
              />
            )}
          </div>
        ))}
        <Flex gap="small" align="end">
          <Button type="primary" htmlType="submit">
            {t('list.search')}
          </Button>
          <Button
            onClick={() => {
              setDraft({});
              onReset();
            }}
          >
            {t('list.reset')}
          </Button>
          {hidden.length > 0 && (
            <Button
              type="link"
              aria-expanded={unfolded}
              onClick={() => setUnfolded(!unfolded)}
              icon={unfolded ? <UpOutlined /> : <DownOutlined />}
              iconPlacement="end"
            >
              {unfolded ? t('list.less') : t('list.more')}
            </Button>
          )}
        </Flex>
      </form>
    </search>
  );
}

/** Of the values those that contain what is typed, whatever its case. */
export function suggestions(values: readonly string[], typed: string): { value: string }[] {
  const wanted = typed.trim().toLowerCase();
  return values.filter((value) => value.toLowerCase().includes(wanted)).map((value) => ({ value }));
}
