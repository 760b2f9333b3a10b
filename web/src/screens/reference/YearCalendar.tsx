/** A year at a glance, with 休 on holidays and 班 on make-up days. */
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { type Day, monthsOf, type Year } from './calendar';

export function YearCalendar({ year }: { year: Pick<Year, 'year' | 'holidays'> }) {
  const { t } = useTranslation('reference');
  const locale = language() === 'zh' ? 'zh-CN' : 'en';
  const monthName = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  const dayName = new Intl.DateTimeFormat(locale, { weekday: 'narrow', timeZone: 'UTC' });
  // 2024 began with a Monday.
  const weekdays = Array.from({ length: 7 }, (_, day) => ({
    key: day,
    name: dayName.format(Date.UTC(2024, 0, day + 1)),
  }));
  return (
    <>
      <ul className="calendar-legend secondary">
        <li>
          <span className="day day-holiday">{t('holidays.offMark')}</span> {t('holidays.off')}
        </li>
        <li>
          <span className="day day-make-up">{t('holidays.workMark')}</span> {t('holidays.makeUp')}
        </li>
        <li>
          <span className="day day-weekend">6</span> {t('holidays.weekend')}
        </li>
      </ul>
      <div className="calendar">
        {monthsOf(year).map((weeks, month) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: months are their number
          <table key={month}>
            <caption>{monthName.format(Date.UTC(year.year, month, 1))}</caption>
            <thead>
              <tr>
                {weekdays.map(({ key, name }) => (
                  <th key={key} scope="col" className="calendar-day-name">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeks.map((week, number) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: weeks are their number
                <tr key={number}>
                  {week.map((day, column) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: days before the first have no other
                    <td key={column}>{day && <DayCell day={day} />}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    </>
  );
}

function DayCell({ day }: { day: Day }) {
  const { t } = useTranslation('reference');
  const mark = { holiday: t('holidays.offMark'), 'make-up': t('holidays.workMark') };
  const text = day.kind === 'holiday' || day.kind === 'make-up' ? mark[day.kind] : undefined;
  return (
    <span className={`day day-${day.kind}`} title={day.name && `${day.name} · ${text}`}>
      {day.day}
      {text && <sup>{text}</sup>}
    </span>
  );
}
