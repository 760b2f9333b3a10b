/** 模板审核: the edits of published templates that wait for the platform operator (T-101). */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api } from '../../api';
import { minuteText } from '../../app/times';
import { ListPage } from '../../wrappers/ListPage';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';
import { useListState } from '../../wrappers/useListState';
import type { Template } from './TemplateList';

const FILTERS = { name: text };

export default function ReviewList() {
  const { t } = useTranslation('templates');
  const filters = useFilters(FILTERS);
  const state = useListState();
  const query = { ...filters.query, revision: 'under_review' as const };
  const list = useList<Template>(['templates', query], (page) =>
    answer(api.GET('/api/v1/templates', { params: { query: { ...query, ...page } } })),
  );
  return (
    <ListPage<Template>
      name="reviews"
      title={t('review.title')}
      query={{
        fields: [{ kind: 'text', name: 'name', label: t('list.name'), first: true }],
        values: filters.values,
        onSearch: filters.apply,
        onReset: () => filters.reset(),
      }}
      list={list}
      rowKey="id"
      columns={[
        { key: 'serial', title: t('list.serial'), render: (row) => row.serial, width: 80 },
        { key: 'name', title: t('list.name'), render: (row) => row.name },
        {
          key: 'scope',
          title: t('list.scope'),
          render: (row) => t(row.owner_id === null ? 'list.public' : 'list.private'),
        },
        { key: 'submitted', title: t('review.submittedAt'), render: (row) => minuteText(row.modified_at) },
        {
          key: 'operation',
          title: t('list.operation', { ns: 'app' }),
          fixed: true,
          width: 100,
          render: (row) => (
            <Link to={row.id} state={state} aria-label={`${t('review.open')} ${row.name}`}>
              {t('review.open')}
            </Link>
          ),
        },
      ]}
      empty={{ title: t('review.empty'), hint: t('review.emptyHint') }}
      isFiltered={Object.keys(filters.query).length > 0}
    />
  );
}
