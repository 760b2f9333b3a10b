/**
 * Calendars to choose days and moments with. What they take and give are readings of the platform's clocks as texts
 * (`2026-11-29`, `2026-11-29T10:00:00`), never moments: `app/times.ts` makes those. Inside they reckon without any
 * zone, so that no day and no hour is missing where the browser's own zone skips one.
 */
import generateConfig from '@rc-component/picker/generate/dayjs';
import { DatePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import utc from 'dayjs/plugin/utc';
import 'dayjs/locale/zh-cn';
import { readingOf } from '../app/times';

dayjs.extend(utc);

const DAY = 'YYYY-MM-DD';
const SECOND = 'YYYY-MM-DD HH:mm:ss';
const READING = 'YYYY-MM-DDTHH:mm:ss';

const Picker = DatePicker.generatePicker<Dayjs>({
  ...generateConfig,
  getNow: () => inside(readingOf()),
  locale: {
    ...generateConfig.locale,
    parse: (_locale, typed, formats) =>
      formats.map((format) => dayjs.utc(typed, format, true)).find((read) => read.isValid()) ?? null,
  },
});

function inside(reading: string): Dayjs {
  return dayjs.utc(reading);
}

interface Common<Value> {
  id?: string;
  value?: Value | null;
  onChange?: (value: Value | null) => void;
  disabled?: boolean;
  status?: '' | 'error';
  className?: string;
  placeholder?: string;
  'aria-label'?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
  onBlur?: () => void;
}

export function DayPicker({ value, onChange, ...rest }: Common<string>) {
  return (
    <Picker
      className="picker"
      {...rest}
      value={value ? inside(value) : null}
      onChange={(chosen) => onChange?.(chosen ? one(chosen).format(DAY) : null)}
    />
  );
}

/** A day with its time, to the second. */
export function ReadingPicker({ value, onChange, ...rest }: Common<string>) {
  return (
    <Picker
      className="picker"
      {...rest}
      showTime
      format={SECOND}
      value={value ? inside(value) : null}
      onChange={(chosen) => onChange?.(chosen ? one(chosen).format(READING) : null)}
    />
  );
}

type Span = [from: string, to: string];

/** First and last day; `isOff` are days that cannot be chosen. */
export function SpanPicker({
  value,
  onChange,
  isOff,
  ...rest
}: Omit<Common<Span>, 'placeholder'> & { isOff?: (day: string) => boolean }) {
  return (
    <Picker.RangePicker
      allowClear={false}
      {...rest}
      value={value ? [inside(value[0]), inside(value[1])] : null}
      {...(isOff ? { disabledDate: (day: Dayjs) => isOff(day.format(DAY)) } : {})}
      onChange={(chosen) => {
        const [from, to] = chosen ?? [];
        onChange?.(from && to ? [from.format(DAY), to.format(DAY)] : null);
      }}
    />
  );
}

export function DaysPicker({
  value,
  onChange,
  isOff,
  ...rest
}: Common<string[]> & { isOff?: (day: string) => boolean }) {
  return (
    <Picker
      {...rest}
      multiple
      maxTagCount="responsive"
      value={(value ?? []).map(inside)}
      {...(isOff ? { disabledDate: (day: Dayjs) => isOff(day.format(DAY)) } : {})}
      onChange={(chosen) => onChange?.([chosen ?? []].flat().map((day) => day.format(DAY)))}
    />
  );
}

function one(chosen: Dayjs | Dayjs[]): Dayjs {
  return [chosen].flat()[0] as Dayjs;
}
