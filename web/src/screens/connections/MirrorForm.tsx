/** 设置镜像: where the marketplace's own delivery center is told, and by which access key. */
import { App, Form, Input, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../../api';
import { queries } from '../../api/queries';
import { FormDialog } from '../../wrappers/FormDialog';
import type { Connection } from './connection';
import type { Mirror } from './mirror';

export interface MirrorFormProps {
  connection: Connection;
  mirror: Mirror;
  onClose: () => void;
}

interface Values {
  endpoint: string;
  access_key_id: string;
  secret?: string;
  enabled: boolean;
}

export function MirrorForm({ connection, mirror, onClose }: MirrorFormProps) {
  const { t } = useTranslation('connections');
  const { message } = App.useApp();
  const required = { required: true, whitespace: true, message: t('form.required', { ns: 'app' }) };
  const save = async ({ endpoint, access_key_id, secret, enabled }: Values) => {
    await api.PUT('/api/v1/connections/{connection_id}/mirror', {
      params: { path: { connection_id: connection.id } },
      body: { endpoint, access_key_id, secret: secret?.trim() || null, enabled },
    });
    await queries.invalidateQueries();
    void message.success(t('mirror.saved'));
  };
  return (
    <FormDialog<Values>
      title={t('mirror.set')}
      subject={connection.name}
      initial={{
        endpoint: mirror.endpoint ?? mirror.endpoints[0] ?? '',
        access_key_id: mirror.access_key_id ?? '',
        secret: '',
        enabled: mirror.configured ? mirror.enabled : true,
      }}
      at={{ 'mirror-unavailable': 'endpoint', 'mirror-incomplete': 'secret' }}
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item name="endpoint" label={t('mirror.endpoint')} rules={[required]}>
        <Select options={mirror.endpoints.map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item name="access_key_id" label="AccessKey ID" rules={[required]}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="secret"
        label="AccessKey Secret"
        extra={t(mirror.configured ? 'mirror.secretKept' : 'mirror.secretHint')}
        rules={mirror.configured ? [] : [required]}
      >
        <Input.Password maxLength={200} autoComplete="off" visibilityToggle={false} />
      </Form.Item>
      <Form.Item name="enabled" label={t('mirror.enabled')} extra={t('mirror.enabledHint')} valuePropName="checked">
        <Switch />
      </Form.Item>
    </FormDialog>
  );
}
