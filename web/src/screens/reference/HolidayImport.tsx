/**
 * Holidays out of a file – JSON as the yearly lists of 国务院 are published, or a calendar (.ics): shown first, year by
 * year with the days that change, then saved for the years that are ticked (H-08, H-09).
 */
import { Alert, App, Button, Checkbox, Tag } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, ifMatch, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useAttempt } from '../../app/attempt';
import { Dialog } from '../../wrappers/Dialog';

type Proposed = Schema<'TemplateProposedYears'>;
type ProposedYear = Proposed['items'][number];

/** Beyond it the server takes none. */
const MOST_CHARACTERS = 200_000;

export interface HolidayImportProps {
  onSaved: (year: number) => void;
  onClose: () => void;
}

export function HolidayImport({ onSaved, onClose }: HolidayImportProps) {
  const { t } = useTranslation('reference');
  const { message } = App.useApp();
  const picker = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [proposed, setProposed] = useState<Proposed>();
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set());
  const { attempt, pending, refusal, setRefusal } = useAttempt();
  const read = (file: File) =>
    attempt(async () => {
      setName(file.name);
      setProposed(undefined);
      const content = await file.text();
      if (content.trim() === '' || content.length > MOST_CHARACTERS) {
        setRefusal(t('holidays.fileSize', { limit: MOST_CHARACTERS / 1000 }));
        return;
      }
      const found = await answer(api.POST('/api/v1/holidays/preview', { body: { content } }));
      setProposed(found);
      setTicked(new Set(found.items.filter(changes).map(({ year }) => year)));
    });
  const chosen = proposed?.items.filter(({ year }) => ticked.has(year)) ?? [];
  const save = () =>
    attempt(async () => {
      for (const { year, provisional, version, holidays } of chosen) {
        await api.PUT('/api/v1/holidays/{year}', {
          params: { path: { year } },
          body: { provisional, holidays: holidays.map(({ days: _days, ...holiday }) => holiday) },
          ...ifMatch(version),
        });
      }
      await queries.invalidateQueries();
      void message.success(t('holidays.saved'));
      onSaved(chosen.at(-1)?.year ?? 0);
      onClose();
    });
  return (
    <Dialog
      title={t('holidays.import')}
      subject={name}
      width={720}
      onCancel={onClose}
      onOk={() => void save()}
      okText={t('holidays.importChosen', { count: chosen.length })}
      cancelText={t('cancel', { ns: 'app' })}
      confirmLoading={pending && proposed !== undefined}
      okButtonProps={{ disabled: chosen.length === 0 }}
    >
      <p className="secondary">{t('holidays.importHint')}</p>
      <Button loading={pending && proposed === undefined} onClick={() => picker.current?.click()}>
        {t('holidays.chooseFile')}
      </Button>
      <input
        ref={picker}
        type="file"
        hidden
        accept=".json,.ics"
        aria-label={t('holidays.chooseFile')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) {
            void read(file);
          }
        }}
      />
      {refusal && <Alert type="error" showIcon role="alert" className="import-part" title={refusal} />}
      {proposed?.items.length === 0 && <Alert type="info" className="import-part" title={t('holidays.nothingFound')} />}
      {proposed?.items.map((year) => (
        <ProposedPart
          key={year.year}
          year={year}
          isTicked={ticked.has(year.year)}
          onTick={(isTicked) => {
            const next = new Set(ticked);
            isTicked ? next.add(year.year) : next.delete(year.year);
            setTicked(next);
          }}
        />
      ))}
      {proposed && proposed.ignored.length > 0 && (
        <Alert
          type="warning"
          className="import-part"
          title={t('holidays.ignored', { count: proposed.ignored.length })}
          description={
            <ul className="import-days">
              {proposed.ignored.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          }
        />
      )}
    </Dialog>
  );
}

function changes({ changes }: ProposedYear): boolean {
  return changes.length > 0;
}

function ProposedPart(props: { year: ProposedYear; isTicked: boolean; onTick: (isTicked: boolean) => void }) {
  const { t } = useTranslation('reference');
  const { year } = props;
  const count = year.changes.length;
  return (
    <section className="import-part">
      <Checkbox checked={props.isTicked} onChange={(event) => props.onTick(event.target.checked)}>
        <strong>{t('holidays.ofYear', { year: year.year })}</strong>{' '}
        {year.version === 0 && <Tag color="blue">{t('holidays.newYear')}</Tag>}
        {year.provisional && <Tag color="orange">{t('holidays.isProvisional')}</Tag>}
        <span className="secondary">{count > 0 ? t('holidays.changes', { count }) : t('holidays.same')}</span>
      </Checkbox>
      {count > 0 && (
        <ul className="import-days">
          {year.changes.map(({ date, working, name }) => (
            <li key={date}>
              <span className={working ? 'day day-make-up' : 'day day-holiday'}>
                {t(working ? 'holidays.workMark' : 'holidays.offMark')}
              </span>{' '}
              {date} {name}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
