/** 订单参数 of a product: a row each; the vendor's admin adds, changes, moves and deletes them. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Flex, Form, Input, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, ifMatch } from '../../api';
import { queries } from '../../api/queries';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { FormDialog } from '../../wrappers/FormDialog';
import { Failed } from '../../wrappers/states';
import { useRefused } from '../../wrappers/useRefused';
import { EditButton } from '../reference/EditButton';
import { useAccountCare } from '../settings/useAccountCare';
import { MOST, moved, optionsOf, type Parameter, TYPES, withParameter } from './parameters';

export function ParametersPart({ productId, readOnly }: { productId: string; readOnly: boolean }) {
  const { t } = useTranslation('products');
  const { message } = App.useApp();
  const refused = useRefused();
  const [editing, setEditing] = useState<{ one?: Parameter }>();
  const { asked } = useAccountCare(() => undefined);
  const params = { path: { product_id: productId } };
  const found = useQuery({
    queryKey: ['product', productId, 'parameters'],
    queryFn: () => answer(api.GET('/api/v1/products/{product_id}/parameters', { params })),
  });
  const all = (found.data?.parameters ?? []) as Parameter[];
  const put = async (parameters: Parameter[]) => {
    const { headers } = ifMatch(found.data?.version ?? 0);
    await api.PUT('/api/v1/products/{product_id}/parameters', { params, headers, body: { parameters } });
    await queries.invalidateQueries();
    void message.success(t('parameters.saved'));
  };
  const move = (key: string, by: -1 | 1) => put(moved(all, key, by)).catch(refused);
  const remove = ({ key, label }: Parameter) =>
    asked(t('parameters.removeAsk', { name: label }), t('parameters.remove'), () =>
      put(all.filter((one) => one.key !== key)),
    );
  const yes = (is: boolean) => t(is ? 'yes' : 'no', { ns: 'app' });
  return (
    <Section
      title={t('parameters.section')}
      extra={
        !readOnly && (
          <Button disabled={!found.data || all.length >= MOST} onClick={() => setEditing({})}>
            {t('parameters.add')}
          </Button>
        )
      }
    >
      <p className="secondary">{t('parameters.hint')}</p>
      {found.error ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable<Parameter>
          rowKey="key"
          rows={all}
          isLoading={found.isLoading}
          empty={t('parameters.empty')}
          columns={[
            { key: 'label', title: t('parameters.label'), width: 140, render: (one) => one.label },
            { key: 'key', title: t('parameters.key'), width: 140, render: (one) => one.key },
            {
              key: 'type',
              title: t('parameters.type'),
              width: 180,
              render: (one) =>
                [t(`parameters.types.${one.type as 'text'}`), one.options.join(t('parameters.comma'))]
                  .filter(Boolean)
                  .join(t('parameters.colon')),
            },
            { key: 'required', title: t('parameters.required'), width: 80, render: (one) => yes(one.required) },
            { key: 'searchable', title: t('parameters.searchable'), width: 90, render: (one) => yes(one.searchable) },
            ...(readOnly
              ? []
              : [
                  {
                    key: 'operation',
                    title: t('list.operation', { ns: 'app' }),
                    width: 190,
                    lines: 0,
                    fixed: true,
                    render: (one: Parameter) => (
                      <Flex gap={12} wrap>
                        <EditButton label={t('edit')} name={one.label} onClick={() => setEditing({ one })} />
                        <EditButton
                          label={t('parameters.up')}
                          name={one.label}
                          onClick={() => void move(one.key, -1)}
                        />
                        <EditButton
                          label={t('parameters.down')}
                          name={one.label}
                          onClick={() => void move(one.key, 1)}
                        />
                        <EditButton
                          danger
                          label={t('parameters.remove')}
                          name={one.label}
                          onClick={() => remove(one)}
                        />
                      </Flex>
                    ),
                  },
                ]),
          ]}
        />
      )}
      {editing && (
        <ParameterForm
          {...editing}
          isTaken={(key) => all.some((other) => other.key === key && other.key !== editing.one?.key)}
          onSave={(one) => put(withParameter(all, one, editing.one?.key))}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Section>
  );
}

interface Values extends Omit<Parameter, 'options'> {
  options: string;
}

function ParameterForm(props: {
  one?: Parameter;
  isTaken: (key: string) => boolean;
  onSave: (one: Parameter) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation('products');
  const { one } = props;
  const needed = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  return (
    <FormDialog<Values>
      title={t(one ? 'parameters.editTitle' : 'parameters.addTitle')}
      subject={one?.label}
      initial={{
        key: one?.key ?? '',
        label: one?.label ?? '',
        type: one?.type ?? 'text',
        required: one?.required ?? false,
        searchable: one?.searchable ?? false,
        options: one?.options.join('\n') ?? '',
      }}
      onSubmit={({ options, ...values }) =>
        props.onSave({
          ...values,
          key: values.key.trim(),
          label: values.label.trim(),
          options: values.type === 'choice' ? (optionsOf(options) ?? []) : [],
        })
      }
      onClose={props.onClose}
    >
      <Form.Item
        name="key"
        label={t('parameters.key')}
        extra={t('parameters.keyHint')}
        rules={[
          needed,
          {
            validator: async (_: unknown, typed?: string) => {
              if (props.isTaken((typed ?? '').trim())) {
                throw new Error(t('parameters.taken'));
              }
            },
          },
        ]}
      >
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="label" label={t('parameters.label')} extra={t('parameters.labelHint')} rules={[needed]}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name="type" label={t('parameters.type')}>
        <Select options={TYPES.map((value) => ({ value, label: t(`parameters.types.${value}`) }))} />
      </Form.Item>
      <Form.Item noStyle dependencies={['type']}>
        {({ getFieldValue }) =>
          getFieldValue('type') === 'choice' && (
            <Form.Item
              name="options"
              label={t('parameters.options')}
              extra={t('parameters.optionsHint')}
              rules={[
                needed,
                {
                  validator: async (_: unknown, typed?: string) => {
                    if (optionsOf(typed ?? '') === undefined) {
                      throw new Error(t('parameters.optionsTwice'));
                    }
                  },
                },
              ]}
            >
              <Input.TextArea rows={4} />
            </Form.Item>
          )
        }
      </Form.Item>
      <Form.Item name="required" label={t('parameters.required')} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item
        name="searchable"
        label={t('parameters.searchable')}
        extra={t('parameters.searchableHint')}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
    </FormDialog>
  );
}
