/** 设置: 最大持单量 and 接单状态 of one person (D-59), or of all that are ticked (D-60). */
import { App, Form, Input, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { plainDigits } from '../../app/digits';
import { FormDialog } from '../../wrappers/FormDialog';
import { maximumOf, refuseOutside } from './maximum';
import { nameOf, type Person } from './person';

interface Values {
  maximum?: string;
  receiving?: boolean | 'keep';
}

export interface LoadDialogProps {
  people: readonly Person[];
  onSaved: () => void;
  onClose: () => void;
}

export function LoadDialog({ people, onSaved, onClose }: LoadDialogProps) {
  const { t } = useTranslation('work');
  const { t: words } = useTranslation();
  const { message } = App.useApp();
  const only = people.length === 1 ? people[0] : undefined;
  const submit = async ({ maximum = '', receiving }: Values) => {
    const wanted = maximum.trim();
    if (only) {
      await answer(
        api.PUT('/api/v1/staff-loads/{person_id}', {
          params: { path: { person_id: only.person_id } },
          body: { maximum: maximumOf(wanted), receiving: receiving === true },
        }),
      );
    } else {
      await answer(
        api.POST('/api/v1/staff-loads/batch', {
          body: {
            person_ids: people.map((person) => person.person_id),
            ...(wanted ? { maximum: maximumOf(wanted) } : {}),
            ...(typeof receiving === 'boolean' ? { receiving } : {}),
          },
        }),
      );
    }
    await queries.invalidateQueries();
    onSaved();
    void message.success(t('loads.saved'));
  };
  const range = { validator: async (_: unknown, value?: string) => refuseOutside(value, t('loads.range')) };
  const somethingChanges = ({ getFieldValue }: { getFieldValue: (name: string) => unknown }) => ({
    validator: async (_: unknown, value?: string) => {
      if (!value?.trim() && getFieldValue('receiving') === 'keep') {
        throw new Error(t('loads.nothing'));
      }
    },
  });
  return (
    <FormDialog<Values>
      title={only ? t('loads.set') : t('loads.batchTitle', { count: people.length })}
      subject={only ? `${nameOf(only)} · ${only.load}/${only.maximum}` : people.map(nameOf).join('、')}
      initial={only ? { maximum: String(only.maximum), receiving: only.receiving } : { receiving: 'keep' }}
      notice={only ? undefined : <p className="page-hint">{t('loads.batchHint')}</p>}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="maximum"
        label={t('loads.maximum')}
        dependencies={['receiving']}
        normalize={plainDigits}
        rules={
          only
            ? [{ required: true, whitespace: true, message: words('form.required') }, range]
            : [range, somethingChanges]
        }
      >
        <Input inputMode="numeric" maxLength={6} placeholder="0-50" autoFocus />
      </Form.Item>
      <Form.Item name="receiving" label={t('receiving.label')}>
        <Radio.Group
          options={[
            ...(only ? [] : [{ value: 'keep', label: t('loads.keep') }]),
            { value: true, label: t('receiving.on') },
            { value: false, label: t('receiving.off') },
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}
