/** 新建访问密钥. */
import { Form, Input } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { momentOf } from '../../app/times';
import { FormDialog } from '../../wrappers/FormDialog';
import { lazily } from '../../wrappers/lazily';
import { networksOf, type Scope } from './accessKeys';
import { ScopeMatrix } from './ScopeMatrix';

const ReadingPicker = lazily(async () => ({ default: (await import('../../wrappers/pickers')).ReadingPicker }));

interface Values {
  name: string;
  scopes: Scope[];
  networks: string;
  expires_at: string | null;
}

export interface AccessKeyFormProps {
  onMade: (made: Schema<'IdentityAccessKeyMade'>) => void;
  onClose: () => void;
}

export function AccessKeyForm({ onMade, onClose }: AccessKeyFormProps) {
  const { t } = useTranslation('settings');
  const save = async (values: Values) => {
    const made = await answer(
      api.POST('/api/v1/access-keys', {
        body: {
          name: values.name.trim(),
          scopes: values.scopes,
          networks: networksOf(values.networks),
          expires_at: values.expires_at ? (momentOf(values.expires_at) ?? null) : null,
        },
      }),
    );
    await queries.invalidateQueries();
    onMade(made);
  };
  return (
    <FormDialog<Values>
      title={t('keys.create')}
      draft={['access-key', 'new']}
      at={{ 'access-key-expired': 'expires_at' }}
      initial={{ name: '', scopes: [], networks: '', expires_at: null }}
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item
        name="name"
        label={t('keys.name')}
        extra={t('keys.nameHint')}
        rules={[{ required: true, whitespace: true, message: t('form.required', { ns: 'app' }) }]}
      >
        <Input maxLength={64} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="scopes"
        label={t('keys.scopes')}
        extra={t('keys.scopesHint')}
        rules={[{ required: true, type: 'array', min: 1, message: t('keys.scopesNeeded') }]}
      >
        <ScopeMatrix />
      </Form.Item>
      <Form.Item name="networks" label={t('keys.networks')} extra={t('keys.networksHint')}>
        <Input.TextArea rows={3} placeholder="203.0.113.0/24" maxLength={2600} />
      </Form.Item>
      <Form.Item label={t('keys.expiresAt')} extra={t('keys.expiresHint')} htmlFor="expires_at">
        <Suspense fallback={<Input id="expires_at" disabled />}>
          <Form.Item name="expires_at" noStyle>
            <ReadingPicker />
          </Form.Item>
        </Suspense>
      </Form.Item>
    </FormDialog>
  );
}
