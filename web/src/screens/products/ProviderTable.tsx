/** The providers of a product: columns 服务商名称, 权重, 最大持单量, 操作, with 选择服务商 and 保存; or read-only (P-19, P-29). */
import { PlusOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Alert, App, Button, Empty, Flex } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, answer, api, ifMatch, messageOf } from '../../api';
import { queries } from '../../api/queries';
import { useUnsaved } from '../../app/unsaved';
import { language } from '../../i18n';
import { ConflictDialog } from '../../wrappers/ConflictDialog';
import { type DataColumn, DataTable } from '../../wrappers/DataTable';
import { SelectProviders } from './SelectProviders';
import { ShareInput } from './ShareInput';
import { chances, isSame, isValid, type Share } from './shares';

export interface ProviderTableProps {
  productId: string;
  /** What is in force, and its version; nobody else can have configured a product listed a moment ago. */
  saved: readonly Share[];
  version?: number;
  readOnly?: boolean;
  onSaved?: () => void;
}

export function ProviderTable({ productId, saved, version, readOnly = false, onSaved }: ProviderTableProps) {
  const { t } = useTranslation('products');
  const { message } = App.useApp();
  // What is saved by others meanwhile neither replaces a draft nor is replaced by it unasked.
  const [edited, setEdited] = useState<{ rows: readonly Share[]; version: number | undefined }>();
  const draft = edited?.rows;
  const setDraft = (rows: readonly Share[]) => setEdited({ rows, version: edited ? edited.version : version });
  const [selecting, setSelecting] = useState(false);
  const [isConflict, setConflict] = useState(false);
  const rows = draft ?? saved;
  const shares = chances(rows);
  const changed = draft !== undefined && !isSame(draft, saved);
  const unsaved = useUnsaved(changed);
  const save = useMutation({
    mutationFn: (read: number | undefined) =>
      answer(
        api.PUT('/api/v1/provider-configurations/{product_id}', {
          params: { path: { product_id: productId } },
          ...(read === undefined ? {} : ifMatch(read)),
          body: {
            providers: rows.map(({ provider_id, weight, maximum }) => ({
              provider_id,
              weight: weight ?? 0,
              maximum: maximum ?? 0,
            })),
          },
        }),
      ),
    onSuccess: async () => {
      unsaved.release();
      void message.success(t('providers.saved'));
      onSaved?.();
      await queries.invalidateQueries();
      setEdited(undefined);
    },
    onError: (error) =>
      error instanceof ApiError && error.status === 412
        ? setConflict(true)
        : void message.error(messageOf(error, language())),
  });
  const change = (share: Share) => setDraft(rows.map((row) => (row.provider_id === share.provider_id ? share : row)));
  const columns: DataColumn<Share>[] = [
    { key: 'name', title: t('providers.name'), width: 260, render: (row) => row.name },
    {
      key: 'weight',
      width: 240,
      lines: 0,
      title: t('providers.weight'),
      render: (row) =>
        readOnly ? (
          <Flex gap="small">
            {row.weight}
            <span className="secondary">{t('providers.chance', { percent: shares?.get(row.provider_id) ?? '' })}</span>
          </Flex>
        ) : (
          <ShareInput share={row} field="weight" onChange={change} chance={shares?.get(row.provider_id)} />
        ),
    },
    {
      key: 'maximum',
      width: 180,
      lines: 0,
      title: t('providers.maximum'),
      render: (row) => (readOnly ? row.maximum : <ShareInput share={row} field="maximum" onChange={change} />),
    },
  ];
  if (!readOnly) {
    columns.push({
      key: 'operation',
      title: t('list.operation', { ns: 'app' }),
      width: 100,
      fixed: true,
      lines: 0,
      render: (row) => (
        <Button
          type="link"
          danger
          className="row-button"
          aria-label={t('providers.removeOf', { name: row.name })}
          onClick={() => setDraft(rows.filter((one) => one !== row))}
        >
          {t('providers.remove')}
        </Button>
      ),
    });
  }
  return (
    <Flex vertical gap="middle">
      {!readOnly && (
        <Flex gap="small" align="center" wrap>
          <Button icon={<PlusOutlined />} onClick={() => setSelecting(true)}>
            {t('providers.select')}
          </Button>
          <Button
            type="primary"
            disabled={!changed || !rows.every(isValid)}
            loading={save.isPending}
            onClick={() => save.mutate(edited?.version)}
          >
            {t('providers.save')}
          </Button>
          <span aria-live="polite" className="secondary">
            {changed && t(rows.every(isValid) ? 'providers.unsaved' : 'providers.wrong')}
          </span>
        </Flex>
      )}
      {rows.length === 0 && !readOnly ? (
        <Empty
          image={Empty.PRESENTED_IMAGE_SIMPLE}
          description={
            <>
              <strong>{t('providers.empty')}</strong>
              <p>{t('providers.emptyHint')}</p>
            </>
          }
        />
      ) : (
        <DataTable<Share>
          size="middle"
          rowKey="provider_id"
          rows={rows}
          columns={columns}
          empty={<Alert type="warning" showIcon title={t('providers.emptyView')} />}
        />
      )}
      {isConflict && (
        <ConflictDialog
          title={t('providers.conflict')}
          text={t('providers.conflictText')}
          onReload={() => {
            setConflict(false);
            setEdited(undefined);
            void queries.invalidateQueries();
          }}
          onOverwrite={() => {
            setConflict(false);
            save.mutate(undefined);
          }}
          onClose={() => setConflict(false)}
        />
      )}
      {selecting && (
        <SelectProviders productId={productId} chosen={rows} onConfirm={setDraft} onClose={() => setSelecting(false)} />
      )}
    </Flex>
  );
}
