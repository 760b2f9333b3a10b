/** 节假日设置: the vendor admin reads the calendar (H-03), the platform operator keeps it (H-08). */
import { EditOutlined, ImportOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Flex, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';
import { today } from '../../app/times';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { PageTitle } from '../../wrappers/PageTitle';
import { Failed, Waiting } from '../../wrappers/states';
import { text, useFilters } from '../../wrappers/useFilters';
import type { Year } from './calendar';
import { HolidayForm } from './HolidayForm';
import { HolidayImport } from './HolidayImport';
import { YearCalendar } from './YearCalendar';

const FILTERS = { year: text };

function thisYear(): string {
  return today().slice(0, 4);
}

export default function Holidays() {
  const { t } = useTranslation('reference');
  const keeps = useEntrance() === 'operator';
  const filters = useFilters(FILTERS);
  const years = useQuery({
    queryKey: ['holidays'],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/holidays', { params: { query: { limit: 100 } } }))).items.sort(
        (one, other) => one.year - other.year,
      ),
  });
  const [editing, setEditing] = useState<{ year: number; kept?: Year }>();
  const [isImporting, setImporting] = useState(false);
  if (years.error) {
    return <Failed error={years.error} retry={() => void years.refetch()} />;
  }
  if (!years.data) {
    return <Waiting />;
  }
  const wanted = filters.values.year ?? thisYear();
  const year = years.data.find((one) => String(one.year) === wanted) ?? years.data.at(-1);
  const next = (years.data.at(-1)?.year ?? Number(thisYear()) - 1) + 1;
  const add = keeps && (
    <>
      <Button icon={<ImportOutlined />} onClick={() => setImporting(true)}>
        {t('holidays.import')}
      </Button>
      <Button icon={<PlusOutlined />} onClick={() => setEditing({ year: next })}>
        {t('holidays.addYear', { year: next })}
      </Button>
    </>
  );
  return (
    <article>
      <Flex justify="space-between" align="center" wrap gap="small" className="page-head">
        <PageTitle className="page-title holidays-title">
          {t(keeps ? 'holidays.keptTitle' : 'holidays.title')}
        </PageTitle>
        <Flex gap="small" wrap>
          {years.data.length > 0 && (
            <Segmented
              className="years"
              aria-label={t('holidays.year')}
              value={String(year?.year)}
              options={years.data.map((one) => String(one.year))}
              onChange={(chosen) => filters.apply({ year: chosen })}
            />
          )}
          {add}
        </Flex>
      </Flex>
      <p className="secondary page-hint">{t(keeps ? 'holidays.keptHint' : 'holidays.hint')}</p>
      {year ? (
        <ShownYear
          year={year}
          extra={
            keeps && (
              <Button
                type="primary"
                icon={<EditOutlined />}
                onClick={() => setEditing({ year: year.year, kept: year })}
              >
                {t('edit')}
              </Button>
            )
          }
        />
      ) : (
        <Empty description={t('holidays.empty')}>{add}</Empty>
      )}
      {isImporting && (
        <HolidayImport
          onSaved={(saved) => filters.apply({ year: String(saved) })}
          onClose={() => setImporting(false)}
        />
      )}
      {editing && (
        <HolidayForm
          {...editing}
          onSaved={() => filters.apply({ year: String(editing.year) })}
          onClose={() => setEditing(undefined)}
        />
      )}
    </article>
  );
}

function ShownYear({ year, extra }: { year: Year; extra: React.ReactNode }) {
  const { t } = useTranslation('reference');
  return (
    <>
      {year.provisional && (
        <Alert type="warning" showIcon className="provisional" title={t('holidays.provisional', { year: year.year })} />
      )}
      <Section title={t('holidays.ofYear', { year: year.year })} extra={extra}>
        <DataTable
          rowKey="first"
          size="middle"
          rows={year.holidays}
          empty={t('holidays.none')}
          columns={[
            { key: 'name', title: t('holidays.name'), render: (row) => row.name },
            {
              key: 'period',
              width: 220,
              title: t('holidays.period'),
              render: ({ first, last }) => (first === last ? first : `${first} ~ ${last}`),
            },
            {
              key: 'days',
              title: t('holidays.days'),
              render: ({ days }) => t('holidays.dayCount', { count: days }),
            },
            {
              key: 'make_up',
              width: 260,
              lines: 3,
              title: t('holidays.makeUpDays'),
              render: ({ make_up_days }) =>
                make_up_days.length > 0 ? t('holidays.worked', { days: make_up_days.join('、') }) : '--',
            },
          ]}
        />
      </Section>
      <Section title={t('holidays.calendar')}>
        <YearCalendar year={year} />
      </Section>
    </>
  );
}
