/** The holidays of a year, replaced as a whole; open nodes get new due times (H-08, H-09). */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ifMatch } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import { DaysPicker, SpanPicker } from '../../wrappers/pickers';
import type { Year } from './calendar';

interface Values {
  holidays: { name: string; period: [first: string, last: string]; make_up_days: string[] }[];
  provisional: boolean;
}

export function HolidayForm(props: { year: number; kept?: Year; onSaved: () => void; onClose: () => void }) {
  const { t } = useTranslation('reference');
  const { message } = App.useApp();
  const { year, kept } = props;
  const save = async ({ holidays, provisional }: Values) => {
    await api.PUT('/api/v1/holidays/{year}', {
      params: { path: { year } },
      body: {
        provisional,
        holidays: holidays.map(({ name, period, make_up_days }) => ({
          name: name.trim(),
          first: period[0],
          last: period[1],
          make_up_days: make_up_days ?? [],
        })),
      },
      ...(kept ? ifMatch(kept.version) : {}),
    });
    await queries.invalidateQueries();
    props.onSaved();
    void message.success(t('holidays.saved'));
  };
  const required = { required: true, message: t('form.required', { ns: 'app' }) };
  const isOther = (day: string) => !day.startsWith(`${year}-`);
  const isWeekday = (day: string) => new Date(day).getUTCDay() % 6 !== 0;
  return (
    <FormDialog<Values>
      title={t('holidays.editTitle', { year })}
      draft={['holidays', `${year}.${kept?.version ?? 'new'}`]}
      width={900}
      notice={<p className="secondary">{t('holidays.editHint')}</p>}
      initial={{
        provisional: kept?.provisional ?? true,
        holidays: (kept?.holidays ?? []).map(({ name, first, last, make_up_days }) => ({
          name,
          period: [first, last],
          make_up_days,
        })),
      }}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Form.List name="holidays">
        {(rows, { add, remove }) => (
          <>
            {rows.map((row) => (
              <fieldset key={row.key} className="holiday-row">
                <legend className="visually-hidden">{t('holidays.rowNumber', { number: row.name + 1 })}</legend>
                <Form.Item name={[row.name, 'name']} label={t('holidays.name')} rules={[required]}>
                  <Input maxLength={50} />
                </Form.Item>
                <Form.Item name={[row.name, 'period']} label={t('holidays.period')} rules={[required]}>
                  <SpanPicker isOff={isOther} />
                </Form.Item>
                <Form.Item name={[row.name, 'make_up_days']} label={t('holidays.makeUp')}>
                  <DaysPicker isOff={isWeekday} />
                </Form.Item>
                <Button
                  type="text"
                  danger
                  icon={<DeleteOutlined />}
                  aria-label={t('holidays.removeRow', { number: row.name + 1 })}
                  onClick={() => remove(row.name)}
                />
              </fieldset>
            ))}
            <Button
              type="dashed"
              block
              icon={<PlusOutlined />}
              onClick={() => add({ name: '', period: undefined, make_up_days: [] })}
            >
              {t('holidays.addRow')}
            </Button>
          </>
        )}
      </Form.List>
      <Form.Item name="provisional" valuePropName="checked" className="provisional-field">
        <Checkbox>{t('holidays.isProvisional')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
