/** How long links that let customers in are good, also those that are out. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';

const LONGEST = 336;

export function LinkLife() {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const [isOpen, setOpen] = useState(false);
  const life = useQuery({ queryKey: ['link-life'], queryFn: () => answer(api.GET('/api/v1/links/life')) });
  if (!life.data) {
    return null;
  }
  const save = async ({ hours }: { hours: string }) => {
    await api.PUT('/api/v1/links/life', { body: { hours: Number(hours) } });
    await queries.invalidateQueries();
    void message.success(t('life.saved'));
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('life.button', { hours: life.data.hours })}</Button>
      {isOpen && (
        <FormDialog<{ hours: string }>
          title={t('life.title')}
          initial={{ hours: String(life.data.hours) }}
          onSubmit={save}
          onClose={() => setOpen(false)}
        >
          <Form.Item
            name="hours"
            label={t('life.hours')}
            extra={t('life.hint')}
            rules={[
              { required: true, message: t('life.range') },
              {
                validator: async (_: unknown, typed?: string) => {
                  if (typed && !(/^\d{1,3}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= LONGEST)) {
                    throw new Error(t('life.range'));
                  }
                },
              },
            ]}
          >
            <Input inputMode="numeric" maxLength={3} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
