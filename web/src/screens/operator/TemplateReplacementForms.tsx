/** The dialogs of 商品模板更换: the vendor's table, one product's template, 下线. */
import { App, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type Schema } from '../../api';
import { FormDialog } from '../../wrappers/FormDialog';
import { readTable } from './readTable';

type Historical = Schema<'TemplateHistoricalEntry'>;

interface DialogProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** A table as the vendor sends it (F-04), pasted from a spreadsheet; all rows or none. */
export function TableForm({ onDone, onClose }: DialogProps) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const check = (_: unknown, text: string) => {
    const { wrong } = readTable(text ?? '');
    return wrong.length === 0
      ? Promise.resolve()
      : Promise.reject(new Error(t('replacement.wrongRows', { rows: wrong.join('、') })));
  };
  const save = async ({ table }: { table: string }) => {
    const { rows } = readTable(table);
    try {
      await api.POST('/api/v1/historical-products', { body: { rows } });
    } catch (error) {
      throw error instanceof ApiError ? withRows(error) : error;
    }
    await onDone();
    void message.success(t('replacement.recorded', { count: rows.length }));
  };
  return (
    <FormDialog<{ table: string }>
      title={t('replacement.record')}
      draft={['historical-products']}
      width={760}
      notice={<p className="secondary">{t('replacement.tableHint')}</p>}
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item
        name="table"
        label={t('replacement.table')}
        extra={t('replacement.columns')}
        rules={[{ required: true, message: t('form.required', { ns: 'app' }) }, { validator: check }]}
      >
        <Input.TextArea className="code-field" rows={8} placeholder={t('replacement.sample')} spellCheck={false} />
      </Form.Item>
    </FormDialog>
  );
}

/** Refusals name `rows.3.code`; the dialog has one field for all rows. */
function withRows(error: ApiError): ApiError {
  const errors = error.fields.map((one) => {
    const row = /^rows\.(\d+)/.exec(one.field ?? '')?.[1];
    const text = (said: string) => (row === undefined ? said : `${Number(row) + 1}: ${said}`);
    return { ...one, field: 'table', message: text(one.message) };
  });
  return new ApiError(error.status, error.slug, error.messages, { errors });
}

export function TemplateForm({ product, onDone, onClose }: DialogProps & { product: Historical }) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const save = async ({ template_serial, template_name }: { template_serial: string; template_name: string }) => {
    const { code, name } = product;
    await api.POST('/api/v1/historical-products', {
      body: {
        rows: [
          {
            code,
            name,
            provider_name: product.provider_name ?? '',
            account: product.account ?? '',
            template_serial: Number(template_serial),
            template_name: template_name?.trim() || null,
          },
        ],
      },
    });
    await onDone();
    void message.success(t('replacement.replaced', { name }));
  };
  return (
    <FormDialog
      title={t('replacement.replaceTitle', { name: product.name })}
      subject={product.code}
      draft={['replacement', product.id]}
      notice={<p className="secondary">{t('replacement.replaceHint')}</p>}
      initial={{
        template_serial: product.template_serial === null ? '' : String(product.template_serial),
        template_name: product.template_name ?? '',
      }}
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item
        name="template_serial"
        label={t('replacement.serial')}
        rules={[{ required: true, pattern: /^[1-9]\d{0,14}$/, message: t('replacement.serialInvalid') }]}
      >
        <Input inputMode="numeric" autoComplete="off" />
      </Form.Item>
      <Form.Item name="template_name" label={t('replacement.template')} extra={t('replacement.templateHint')}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

export function OfflineForm({ product, onDone, onClose }: DialogProps & { product: Historical }) {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const save = async ({ reason }: { reason: string }) => {
    await api.POST('/api/v1/historical-products/{historical_id}/offline', {
      params: { path: { historical_id: product.id } },
      body: { reason: reason?.trim() ?? '' },
    });
    await onDone();
    void message.success(t('replacement.isOffline', { name: product.name }));
  };
  return (
    <FormDialog
      title={t('replacement.offlineTitle', { name: product.name })}
      subject={product.code}
      draft={['offline', product.id]}
      notice={<p className="secondary">{t('replacement.offlineHint')}</p>}
      okText={t('replacement.offline')}
      danger
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item name="reason" label={t('replacement.reason')}>
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDialog>
  );
}
