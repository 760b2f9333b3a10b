/** 选择服务商: the providers related to the product, each with a tick, weight and maximum load (P-20 … P-25). */
import { useQuery } from '@tanstack/react-query';
import { Alert, Checkbox, Modal, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { language } from '../../i18n';
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
  const taken = rows.filter(({ provider_id }) => ticked.has(provider_id));
  const shares = chances(taken);
  const change = (share: Share) => {
    setTyped(new Map(typed).set(share.provider_id, share));
    setTicked(new Set(ticked).add(share.provider_id));
  };
  return (
    <Modal
      open
      title={t('providers.select')}
      width={720}
      mask={{ closable: false }}
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
          <Table<Share>
            size="small"
            rowKey="provider_id"
            loading={candidates.isLoading}
            dataSource={rows}
            pagination={false}
            locale={{ emptyText: t('providers.own') }}
            columns={[
              {
                key: 'tick',
                width: 48,
                title: <span className="visually-hidden">{t('providers.select')}</span>,
                render: (_, row) => (
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
              { key: 'name', title: t('providers.name'), render: (_, row) => row.name },
              {
                key: 'weight',
                title: t('providers.weight'),
                render: (_, row) => (
                  <ShareInput share={row} field="weight" onChange={change} chance={shares?.get(row.provider_id)} />
                ),
              },
              {
                key: 'maximum',
                title: t('providers.maximum'),
                render: (_, row) => <ShareInput share={row} field="maximum" onChange={change} />,
              },
            ]}
          />
        </>
      )}
    </Modal>
  );
}
