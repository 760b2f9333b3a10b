/** 选择服务商: the providers related to the product, each with a tick, weight and maximum load (P-20 … P-25). */
import { useQuery } from '@tanstack/react-query';
import { Alert, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { language } from '../../i18n';
import { DataTable } from '../../wrappers/DataTable';
import { Dialog } from '../../wrappers/Dialog';
import { Failed } from '../../wrappers/states';
import { ShareInput } from './ShareInput';
import { chances, isValid, type Share } from './shares';

export interface SelectProvidersProps {
  productId: string;
  /** The rows chosen so far; their values are kept. */
  chosen: readonly Share[];
  onConfirm: (shares: Share[]) => void;
  onClose: () => void;
}

/** A hint of the API, 中文 / English, in the language chosen (P-21). */
function inLanguage(hint: string): string {
  const [zh, en] = hint.split(' / ');
  return (language() === 'en' ? en : zh) ?? hint;
}

export function SelectProviders({ productId, chosen, onConfirm, onClose }: SelectProvidersProps) {
  const { t } = useTranslation('products');
  const [ticked, setTicked] = useState(() => new Set(chosen.map(({ provider_id }) => provider_id)));
  const [typed, setTyped] = useState(() => new Map(chosen.map((share) => [share.provider_id, share])));
  const candidates = useQuery({
    queryKey: ['provider-candidates', productId],
    queryFn: () =>
      answer(
        api.GET('/api/v1/provider-configurations/{product_id}/candidates', {
          params: { path: { product_id: productId } },
        }),
      ),
  });
  const rows: Share[] = (candidates.data?.items ?? []).map(
    ({ provider_id, name, weight, maximum }) =>
      typed.get(provider_id) ?? { provider_id, name: name ?? provider_id, weight, maximum },
  );
  const loads = new Map(candidates.data?.items.map(({ provider_id, load }) => [provider_id, load]));
  const taken = rows.filter(({ provider_id }) => ticked.has(provider_id));
  const shares = chances(taken);
  const change = (share: Share) => {
    setTyped(new Map(typed).set(share.provider_id, share));
    setTicked(new Set(ticked).add(share.provider_id));
  };
  return (
    <Dialog
      title={t('providers.select')}
      width={720}
      onCancel={onClose}
      onOk={() => {
        onConfirm(taken);
        onClose();
      }}
      okText={t('confirm', { ns: 'app' })}
      cancelText={t('cancel', { ns: 'app' })}
      okButtonProps={{ disabled: !candidates.data || !taken.every(isValid) }}
    >
      {candidates.error ? (
        <Failed error={candidates.error} retry={() => void candidates.refetch()} />
      ) : (
        <>
          <Alert
            type="info"
            className="form-refusal"
            title={(candidates.data?.hints ?? []).map((hint, place) => (
              <div key={hint}>
                {place + 1}、{inLanguage(hint)}
              </div>
            ))}
          />
          <DataTable<Share>
            size="small"
            rowKey="provider_id"
            isLoading={candidates.isLoading}
            rows={rows}
            empty={t('providers.own')}
            columns={[
              {
                key: 'tick',
                width: 48,
                lines: 0,
                title: <span className="visually-hidden">{t('providers.select')}</span>,
                render: (row) => (
                  <Checkbox
                    checked={ticked.has(row.provider_id)}
                    aria-label={t('providers.tick', { name: row.name })}
                    onChange={(event) => {
                      const next = new Set(ticked);
                      event.target.checked ? next.add(row.provider_id) : next.delete(row.provider_id);
                      setTicked(next);
                    }}
                  />
                ),
              },
              { key: 'name', title: t('providers.name'), width: 200, render: (row) => row.name },
              {
                key: 'weight',
                width: 210,
                lines: 0,
                title: t('providers.weight'),
                render: (row) => (
                  <ShareInput share={row} field="weight" onChange={change} chance={shares?.get(row.provider_id)} />
                ),
              },
              {
                key: 'maximum',
                width: 160,
                lines: 0,
                title: t('providers.maximum'),
                render: (row) => (
                  <>
                    <ShareInput share={row} field="maximum" onChange={change} />
                    <span className="secondary">{t('providers.load', { count: loads.get(row.provider_id) ?? 0 })}</span>
                  </>
                ),
              },
            ]}
          />
        </>
      )}
    </Dialog>
  );
}
