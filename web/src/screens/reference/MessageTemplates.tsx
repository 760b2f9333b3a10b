/** 消息模板设置: the vendor admin reads (N-12, N-13), the platform operator keeps them (F-08). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { EditButton } from './EditButton';
import { MessageTemplateForm, MessageTemplateView } from './MessageTemplateForm';
import type { CHANNELS, MessageTemplate } from './messageText';
import { whole } from './whole';

const FILTERS = { name: text };

export default function MessageTemplates() {
  const { t } = useTranslation('reference');
  const keeps = useEntrance() === 'operator';
  const filters = useFilters(FILTERS);
  const list = useList(['message-templates', filters.query], () =>
    whole(answer(api.GET('/api/v1/message-templates', { params: { query: filters.query } }))),
  );
  const [editing, setEditing] = useState<{ template?: MessageTemplate }>();
  const [viewing, setViewing] = useState<MessageTemplate>();
  const columns: Column<MessageTemplate>[] = [
    { key: 'name', title: t('templates.name'), render: ({ name }) => name },
    { key: 'remark', title: t('templates.remark'), width: 260, render: ({ remark }) => remark || '--' },
    {
      key: 'channels',
      title: t('templates.channels'),
      render: ({ channels }) => channels.map((one) => t(`channels.${one as (typeof CHANNELS)[number]}`)).join('+'),
    },
    {
      key: 'active',
      title: t('state'),
      render: ({ active }) => <Tag color={active ? 'green' : 'default'}>{t(active ? 'inUse' : 'notInUse')}</Tag>,
    },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: keeps ? 120 : 80,
      render: (template) => (
        <Flex gap={12}>
          <EditButton label={t('view')} name={template.name} onClick={() => setViewing(template)} />
          {keeps && <EditButton name={template.name} onClick={() => setEditing({ template })} />}
        </Flex>
      ),
    },
  ];
  return (
    <>
      <ListPage<MessageTemplate>
        name="message-templates"
        title={t(keeps ? 'templates.keptTitle' : 'templates.title')}
        hint={<p className="secondary page-hint">{t(keeps ? 'templates.keptHint' : 'templates.hint')}</p>}
        extra={
          keeps && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing({})}>
              {t('create')}
            </Button>
          )
        }
        query={{
          fields: [{ kind: 'text', name: 'name', label: t('templates.name'), first: true }],
          values: filters.values,
          onSearch: filters.apply,
          onReset: () => filters.reset(),
        }}
        list={list}
        columns={columns}
        rowKey="code"
        empty={{ title: t('templates.empty') }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      {editing && <MessageTemplateForm {...editing} onClose={() => setEditing(undefined)} />}
      {viewing && <MessageTemplateView template={viewing} onClose={() => setViewing(undefined)} />}
    </>
  );
}
