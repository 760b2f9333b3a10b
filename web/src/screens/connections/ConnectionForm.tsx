/** 新建接入 and 编辑接入. The kind stands once the connection is there: its address has it. */
import { App, Form, Input, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answer, api } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { FormDialog } from '../../wrappers/FormDialog';
import { type Connection, READY_WHEN, type ReadyWhen } from './connection';
import { useKinds } from './useConnections';

interface Values {
  kind: string;
  name: string;
  ready_when: ReadyWhen;
  front_url: string;
}

export interface ConnectionFormProps {
  /** Which is edited; undefined = a new one. */
  connection?: Connection;
  onClose: () => void;
}

export function ConnectionForm({ connection, onClose }: ConnectionFormProps) {
  const { t } = useTranslation('connections');
  const entrance = useEntrance();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { kinds, titleOf } = useKinds();
  const save = async ({ kind, ...values }: Values) => {
    const body = {
      name: values.name.trim(),
      ready_when: values.ready_when,
      front_url: values.front_url.trim() || null,
    };
    if (connection) {
      const params = { path: { connection_id: connection.id } };
      await api.PUT('/api/v1/connections/{connection_id}', { params, body });
      await queries.invalidateQueries();
      void message.success(t('form.saved'));
    } else {
      const made = await answer(api.POST('/api/v1/connections', { body: { ...body, kind: kind as 'generic' } }));
      await queries.invalidateQueries();
      void navigate(`/${entrance}/connections/${made.id}`);
    }
  };
  return (
    <FormDialog<Values>
      title={t(connection ? 'form.edit' : 'form.create')}
      subject={connection?.name}
      draft={['connection', connection ? `${connection.id}.${connection.version}` : 'new']}
      initial={{
        kind: connection?.kind ?? 'generic',
        name: connection?.name ?? '',
        ready_when: connection?.ready_when ?? 'started',
        front_url: connection?.front_url ?? '',
      }}
      onSubmit={save}
      onClose={onClose}
    >
      <Form.Item name="kind" label={t('kind')} rules={[{ required: true }]}>
        <Select
          disabled={connection !== undefined}
          loading={kinds.isLoading}
          options={(kinds.data ?? []).map(({ kind }) => ({ value: kind, label: titleOf(kind) }))}
        />
      </Form.Item>
      <Form.Item
        name="name"
        label={t('name')}
        rules={[{ required: true, whitespace: true, message: t('form.required', { ns: 'app' }) }]}
      >
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="ready_when" label={t('readyWhen.label')} extra={t('readyWhen.hint')}>
        <Radio.Group
          className="radio-lines"
          options={READY_WHEN.map((value) => ({ value, label: t(`readyWhen.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name="front_url"
        label={t('frontUrl')}
        extra={t('frontUrlHint')}
        rules={[{ pattern: /^\s*(https?:\/\/[^\s/]+\S*)?\s*$/, message: t('frontUrlInvalid') }]}
      >
        <Input maxLength={500} inputMode="url" placeholder="https://" autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}
