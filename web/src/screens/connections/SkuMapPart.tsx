/** 规格映射: what the marketplace's products and SKUs are here, line by line or as a whole by file. */
import { DownloadOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons';
import { App, Button, Flex, Form, Input, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Section } from '../../wrappers/DetailPage';
import { FormDialog } from '../../wrappers/FormDialog';
import { Failed } from '../../wrappers/states';
import { EditButton } from '../reference/EditButton';
import { useAccountCare } from '../settings/useAccountCare';
import type { Connection } from './connection';
import {
  csvOf,
  factsOf,
  factsText,
  faultsOf,
  keyOf,
  lineOf,
  MOST_CHARACTERS,
  type SkuEntry,
  type SkuLine,
  withLine,
  without,
} from './skuMap';
import { useSkuMap } from './useConnections';
import { useProducts } from './useProducts';

export function SkuMapPart({ connection, keeps }: { connection: Connection; keeps: boolean }) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const map = useSkuMap(connection.id);
  const entries = map.data ?? [];
  const [editing, setEditing] = useState<{ entry?: SkuEntry }>();
  const { asked } = useAccountCare(() => undefined);
  const params = { path: { connection_id: connection.id } };
  const put = async (lines: SkuLine[]) => {
    await api.PUT('/api/v1/connections/{connection_id}/sku-map', { params, body: { entries: lines } });
    await queries.invalidateQueries();
    void message.success(t('map.saved'));
  };
  const lines = entries.map(lineOf);
  const nameOf = (entry: SkuEntry) => [entry.product_code, entry.sku].filter(Boolean).join(' / ');
  const remove = (entry: SkuEntry) =>
    asked(t('map.removeAsk', { name: nameOf(entry) }), t('map.remove'), () => put(without(lines, keyOf(entry))));
  return (
    <Section
      title={t('map.title')}
      extra={
        <Flex gap="small" wrap>
          <Button
            icon={<DownloadOutlined />}
            disabled={!map.data}
            onClick={() => save(csvOf(entries), connection.name)}
          >
            {t('map.download')}
          </Button>
          {keeps && <FileButton connection={connection} />}
          {keeps && (
            <Button icon={<PlusOutlined />} disabled={!map.data} onClick={() => setEditing({})}>
              {t('map.add')}
            </Button>
          )}
        </Flex>
      }
    >
      <p className="secondary">{t('map.hint')}</p>
      {map.error ? (
        <Failed error={map.error} retry={() => void map.refetch()} />
      ) : (
        <DataTable<SkuEntry>
          rowKey={keyOf}
          rows={entries}
          isLoading={map.isLoading}
          empty={t('map.empty')}
          height={400}
          columns={[
            { key: 'product_code', title: t('map.productCode'), width: 140, render: (one) => one.product_code },
            { key: 'sku', title: t('map.sku'), width: 120, render: (one) => one.sku || '--' },
            {
              key: 'product',
              title: t('map.product'),
              width: 180,
              render: (one) => [one.product_name, one.product].filter(Boolean).join(' · ') || one.product_id,
            },
            { key: 'edition', title: t('map.edition'), width: 100, render: (one) => one.edition ?? '--' },
            { key: 'facts', title: t('map.facts'), width: 160, render: (one) => factsText(one.facts) || '--' },
            ...(keeps
              ? [
                  {
                    key: 'operation',
                    title: t('list.operation', { ns: 'app' }),
                    width: 110,
                    lines: 0,
                    fixed: true,
                    render: (one: SkuEntry) => (
                      <Flex gap={12}>
                        <EditButton
                          label={t('map.edit')}
                          name={nameOf(one)}
                          onClick={() => setEditing({ entry: one })}
                        />
                        <EditButton danger label={t('map.remove')} name={nameOf(one)} onClick={() => remove(one)} />
                      </Flex>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {editing && (
        <LineForm
          {...editing}
          isTaken={(line) => entries.some((one) => keyOf(one) === keyOf(line) && one !== editing.entry)}
          onSave={(line) => put(withLine(lines, line, editing.entry && keyOf(editing.entry)))}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Section>
  );
}

/** Hands the file to the browser. */
function save(content: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type: 'text/csv' }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Puts a file in the place of the whole map, or tells what is wrong with it. */
function FileButton({ connection }: { connection: Connection }) {
  const { t } = useTranslation('connections');
  const { message, modal } = App.useApp();
  const picker = useRef<HTMLInputElement>(null);
  const [pending, setPending] = useState(false);
  const send = async (file: File) => {
    setPending(true);
    try {
      const content = await file.text();
      if (content.trim() === '' || content.length > MOST_CHARACTERS) {
        void message.error(t('map.fileSize', { limit: MOST_CHARACTERS / 1000 }));
        return;
      }
      const params = { path: { connection_id: connection.id } };
      await api.PUT('/api/v1/connections/{connection_id}/sku-map/file', { params, body: { content } });
      await queries.invalidateQueries();
      void message.success(t('map.saved'));
    } catch (error) {
      const faults = error instanceof ApiError ? faultsOf(error.fields) : [];
      modal.error({
        title: messageOf(error, language()),
        content: (
          <ul className="blocking">
            {faults.map((fault) => (
              <li key={JSON.stringify(fault)}>
                {fault.line !== undefined && `${t('map.line', { line: fault.line })} ${fault.column ?? ''} `}
                {fault.message}
              </li>
            ))}
          </ul>
        ),
        okText: t('refused.read', { ns: 'app' }),
      });
    } finally {
      setPending(false);
    }
  };
  return (
    <>
      <Button icon={<UploadOutlined />} loading={pending} onClick={() => picker.current?.click()}>
        {t('map.upload')}
      </Button>
      <input
        ref={picker}
        type="file"
        hidden
        accept=".csv,text/csv"
        aria-label={t('map.upload')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) {
            void send(file);
          }
        }}
      />
    </>
  );
}

interface LineValues {
  product_code: string;
  sku: string;
  product_id: string;
  edition: string;
  facts: string;
}

function LineForm(props: {
  entry?: SkuEntry;
  isTaken: (line: SkuLine) => boolean;
  onSave: (line: SkuLine) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation('connections');
  const { entry } = props;
  const products = useProducts();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const lineOfValues = (values: LineValues): SkuLine => ({
    product_code: values.product_code.trim(),
    sku: (values.sku ?? '').trim(),
    product_id: values.product_id,
    edition: values.edition?.trim() || null,
    facts: factsOf(values.facts ?? '') ?? {},
  });
  return (
    <FormDialog<LineValues>
      title={t(entry ? 'map.editTitle' : 'map.addTitle')}
      subject={entry && [entry.product_code, entry.sku].filter(Boolean).join(' / ')}
      initial={{
        product_code: entry?.product_code ?? '',
        sku: entry?.sku ?? '',
        edition: entry?.edition ?? '',
        facts: factsText(entry?.facts ?? {}),
        ...(entry ? { product_id: entry.product_id } : {}),
      }}
      onSubmit={(values) => props.onSave(lineOfValues(values))}
      onClose={props.onClose}
    >
      <Form.Item name="product_code" label={t('map.productCode')} extra={t('map.productCodeHint')} rules={[required]}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="sku"
        label={t('map.sku')}
        extra={t('map.skuHint')}
        dependencies={['product_code']}
        rules={[
          ({ getFieldsValue }) => ({
            validator: async () => {
              const values = getFieldsValue(true) as LineValues;
              if (props.isTaken(lineOfValues({ ...values, product_code: values.product_code ?? '' }))) {
                throw new Error(t('map.taken'));
              }
            },
          }),
        ]}
      >
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="product_id" label={t('map.product')} rules={[{ required: true, message: t('map.choose') }]}>
        <Select
          loading={products.isLoading}
          placeholder={t('map.choose')}
          showSearch={{ optionFilterProp: 'label' }}
          options={products.data ?? []}
        />
      </Form.Item>
      <Form.Item name="edition" label={t('map.edition')}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="facts"
        label={t('map.facts')}
        extra={t('map.factsHint')}
        rules={[
          {
            validator: async (_: unknown, typed?: string) => {
              if (factsOf(typed ?? '') === undefined) {
                throw new Error(t('map.factsInvalid'));
              }
            },
          },
        ]}
      >
        <Input.TextArea rows={3} />
      </Form.Item>
    </FormDialog>
  );
}
