/** 服务流程模板 of a vendor, and 公共模板 of the platform operator (T-03 … T-14, T-105). */
import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Flex, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, ifMatch, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { useEntrance } from '../../app/entrance';
import { minuteText } from '../../app/times';
import { language } from '../../i18n';
import { Lines } from '../../wrappers/Clamped';
import { type Column, ListPage } from '../../wrappers/ListPage';
import { maybeOneOf, text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';
import { NameDialog } from './NameDialog';
import { RevisionTag } from './RevisionTag';

export type Template = Schema<'TemplateTemplateSummary'>;

const FILTERS = {
  name: text,
  scope: maybeOneOf(['public', 'private']),
  state: maybeOneOf(['published', 'unpublished']),
  revision: maybeOneOf(['under_review', 'refused']),
};

export default function TemplateList() {
  const { t } = useTranslation('templates');
  const isOperator = useEntrance() === 'operator';
  const state = useListState();
  const filters = useFilters(FILTERS);
  const query = { ...filters.query, ...(isOperator ? { scope: 'public' as const } : {}) };
  const list = useList<Template>(['templates', query], (page) =>
    answer(api.GET('/api/v1/templates', { params: { query: { ...query, ...page } } })),
  );
  const [naming, setNaming] = useState<{ source?: Template }>();
  const remove = useRemoval();
  const isOwn = (row: Template) => isOperator === (row.owner_id === null);
  const columns: Column<Template>[] = [
    { key: 'serial', title: t('list.serial'), render: (row) => row.serial, width: 80 },
    {
      key: 'name',
      width: 280,
      lines: 0,
      title: t('list.name'),
      render: (row) => (
        <Lines
          first={
            <Link to={row.id} state={state}>
              {row.name}
            </Link>
          }
          others={row.description ? [row.description] : []}
        />
      ),
    },
    ...(isOperator
      ? []
      : [
          {
            key: 'scope',
            title: t('list.scope'),
            render: (row: Template) => t(row.owner_id === null ? 'list.public' : 'list.private'),
          },
        ]),
    {
      key: 'state',
      width: 150,
      lines: 0,
      title: t('list.state'),
      render: (row) => (
        <Flex gap={4} wrap>
          <Tag color={row.state === 'published' ? 'success' : 'default'}>
            {t(row.state === 'published' ? 'list.published' : 'list.unpublished')}
          </Tag>
          <RevisionTag state={row.revision_state} />
        </Flex>
      ),
    },
    { key: 'modified_at', title: t('list.modifiedAt'), render: (row) => minuteText(row.modified_at) },
    {
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      fixed: true,
      width: 170,
      render: (row) => (
        <Flex gap={12} align="center">
          <Link to={row.id} state={state} aria-label={`${t('list.view')} ${row.name}`}>
            {t('list.view')}
          </Link>
          {isOwn(row) && row.state === 'unpublished' && (
            <Link to={`${row.id}/edit`} state={state} aria-label={`${t('list.edit')} ${row.name}`}>
              {t('list.edit')}
            </Link>
          )}
          <Button
            type="link"
            className="row-button"
            aria-label={`${t('list.copy')} ${row.name}`}
            onClick={() => setNaming({ source: row })}
          >
            {t('list.copy')}
          </Button>
          {isOwn(row) && row.state === 'unpublished' && (
            <Button
              type="link"
              danger
              className="row-button"
              aria-label={`${t('list.remove')} ${row.name}`}
              onClick={() => remove(row)}
            >
              {t('list.remove')}
            </Button>
          )}
        </Flex>
      ),
    },
  ];
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setNaming({})}>
      {t('list.create')}
    </Button>
  );
  const option = (value: string, label: string) => ({ value, label });
  return (
    <>
      <ListPage<Template>
        name={isOperator ? 'public-templates' : 'templates'}
        title={t(isOperator ? 'list.publicTitle' : 'list.title')}
        extra={create}
        query={{
          fields: [
            { kind: 'text', name: 'name', label: t('list.name'), first: true },
            ...(isOperator
              ? []
              : [
                  {
                    kind: 'choice' as const,
                    name: 'scope',
                    label: t('list.scope'),
                    first: true,
                    options: [option('public', t('list.public')), option('private', t('list.private'))],
                  },
                ]),
            {
              kind: 'choice',
              name: 'state',
              label: t('list.state'),
              first: true,
              options: [option('published', t('list.published')), option('unpublished', t('list.unpublished'))],
            },
            {
              kind: 'choice',
              name: 'revision',
              label: t('list.revision'),
              options: [option('under_review', t('list.under_review')), option('refused', t('list.refused'))],
            },
          ],
          values: filters.values,
          onSearch: filters.apply,
          onReset: () => filters.reset(),
        }}
        views={{ filters: filters.query, onChoose: filters.replace }}
        list={list}
        columns={columns}
        rowKey="id"
        empty={{ title: t('list.empty'), hint: t('list.emptyHint'), action: create }}
        isFiltered={Object.keys(filters.query).length > 0}
      />
      {naming && <NameDialog {...naming} onClose={() => setNaming(undefined)} />}
    </>
  );
}

/** 删除 of an unpublished template, after a question (T-105). */
function useRemoval() {
  const { t } = useTranslation('templates');
  const { modal, message } = App.useApp();
  return (template: Template) =>
    modal.confirm({
      title: t('list.removeAsk', { name: template.name }),
      okText: t('list.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          const path = { template_id: template.id };
          await api.DELETE('/api/v1/templates/{template_id}', { params: { path }, ...ifMatch(template.version) });
          await queries.invalidateQueries();
          void message.success(t('list.removed'));
        } catch (error) {
          void message.error(messageOf(error, language()));
        }
      },
    });
}
