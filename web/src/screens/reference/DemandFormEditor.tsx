/** A demand form: its fields – for experts its JSON Schema –, and beside them the form that customers will see. */
import { Alert, App, Form, type FormInstance, Input, Segmented } from 'antd';
import { Component, type ReactNode, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ifMatch, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import SchemaForm from '../../wrappers/SchemaForm';
import { CodeFields } from './CodeFields';
import { FormBuilder } from './FormBuilder';
import { readSchema } from './readSchema';

type DemandForm = Schema<'TemplateDemandFormEntry'>;

interface Values {
  code: string;
  name: string;
  active: boolean;
  schema: string;
}

const BLANK = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['company_name'],
  properties: { company_name: { title: '公司名称', type: 'string', minLength: 1, maxLength: 100 } },
};

export default function DemandFormEditor({ form, onClose }: { form?: DemandForm; onClose: () => void }) {
  const { t } = useTranslation('reference');
  const { message } = App.useApp();
  const [mode, setMode] = useState<'fields' | 'json'>('fields');
  const save = async ({ code, name, active, schema: text }: Values) => {
    const read = readSchema(text);
    if ('problem' in read) {
      return; // the field's own rule has refused it
    }
    const body = { name: name.trim(), schema: read.schema };
    if (form) {
      const params = { path: { code: form.code } };
      await api.PUT('/api/v1/demand-forms/{code}', { params, body: { ...body, active }, ...ifMatch(form.version) });
    } else {
      await api.POST('/api/v1/demand-forms', { body: { ...body, code } });
    }
    await queries.invalidateQueries();
    void message.success(t('form.saved', { ns: 'app' }));
  };
  const check = (_: unknown, text: string) => {
    const read = readSchema(text);
    if (!('problem' in read)) {
      return Promise.resolve();
    }
    const why = read.problem === 'json' ? t('forms.invalidJson', { reason: read.reason }) : t('forms.noObject');
    return Promise.reject(new Error(why));
  };
  return (
    <FormDialog<Values>
      title={t(form ? 'forms.edit' : 'forms.create')}
      subject={form?.name}
      draft={['demand-form', form ? `${form.code}.${form.version}` : 'new']}
      at={{ 'code-taken': 'code' }}
      width={1120}
      initial={{
        code: form?.code ?? '',
        name: form?.name ?? '',
        active: form?.active ?? true,
        schema: JSON.stringify(form?.schema ?? BLANK, null, 2),
      }}
      onSubmit={save}
      onClose={onClose}
    >
      {(instance) => (
        <div className="halves">
          <div>
            <CodeFields isNew={!form} nameLabel={t('forms.name')} namePlaceholder={t('forms.namePlaceholder')} />
            <Segmented
              aria-label={t('forms.mode')}
              className="form-mode"
              value={mode}
              options={[
                { value: 'fields', label: t('forms.fields') },
                { value: 'json', label: t('forms.schema') },
              ]}
              onChange={setMode}
            />
            {mode === 'fields' ? (
              <Form.Item name="schema" rules={[{ validator: check }]}>
                <FormBuilder />
              </Form.Item>
            ) : (
              <Form.Item name="schema" label={t('forms.schema')} rules={[{ validator: check }]}>
                <Input.TextArea className="code-field" rows={18} spellCheck={false} />
              </Form.Item>
            )}
          </div>
          <Live form={instance} />
        </div>
      )}
    </FormDialog>
  );
}

function Live({ form }: { form: FormInstance<Values> }) {
  const { t } = useTranslation('reference');
  const text = useDeferredValue(Form.useWatch('schema', form) ?? '');
  const read = readSchema(text);
  return (
    <section aria-labelledby="form-preview" className="form-preview">
      <h2 id="form-preview">{t('forms.preview')}</h2>
      <p className="secondary">{t('forms.previewHint')}</p>
      {'schema' in read && (
        <Guard key={text}>
          <SchemaForm prefix="preview" schema={read.schema} />
        </Guard>
      )}
    </section>
  );
}

/** A schema that is JSON but none that can be drawn must not take the page with it. */
class Guard extends Component<{ children: ReactNode }, { reason?: string }> {
  override state: { reason?: string } = {};

  static getDerivedStateFromError(error: unknown) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    return this.state.reason === undefined ? this.props.children : <Broken reason={this.state.reason} />;
  }
}

function Broken({ reason }: { reason: string }) {
  const { t } = useTranslation('reference');
  return <Alert type="warning" showIcon title={t('forms.broken', { reason })} />;
}
