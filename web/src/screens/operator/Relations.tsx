/** 商品与服务商关系: which providers may deliver a product (G-06, G-12). Its own vendor always may (G-09). */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Select, Switch, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answer, api, messageOf, type Schema } from '../../api';
import { queries } from '../../api/queries';
import { language } from '../../i18n';
import { ListPage } from '../../wrappers/ListPage';
import { text, useFilters } from '../../wrappers/useFilters';
import { useList } from '../../wrappers/useList';

type Party = Schema<'IdentityPartyOut'>;

const FILTERS = { product: text };

export default function Relations() {
  const { t } = useTranslation('operator');
  const filters = useFilters(FILTERS);
  const [search, setSearch] = useState('');
  const products = useQuery({
    queryKey: ['products', 'choice', search],
    queryFn: async () =>
      (
        await answer(
          api.GET('/api/v1/products', { params: { query: { limit: 100, ...(search && { name: search }) } } }),
        )
      ).items,
    placeholderData: (before) => before,
  });
  const chosen = filters.values.product ?? products.data?.[0]?.id;
  const product = useQuery({
    queryKey: ['product', chosen],
    queryFn: () => answer(api.GET('/api/v1/products/{product_id}', { params: { path: { product_id: chosen ?? '' } } })),
    enabled: chosen !== undefined,
  });
  const related = useRelated(chosen);
  const list = useList<Party>(['parties', 'isv'], (page) =>
    answer(api.GET('/api/v1/parties', { params: { query: { kind: 'isv', ...page } } })),
  );
  const vendors = useVendors();
  const label = (one: { code: string; name: string; vendor_id: string }) =>
    [one.code, one.name, vendors.get(one.vendor_id)].filter(Boolean).join(' · ');
  const options = (products.data ?? []).map((one) => ({ value: one.id, label: label(one) }));
  if (product.data && !options.some(({ value }) => value === product.data.id)) {
    options.unshift({ value: product.data.id, label: label(product.data) });
  }
  return (
    <ListPage<Party>
      name="relations"
      title={t('relations.title')}
      hint={<p className="secondary page-hint">{t('relations.hint')}</p>}
      extra={
        chosen &&
        related.data && (
          <AllowAll
            productId={chosen}
            parties={list.rows.filter(
              ({ party_id }) => party_id !== product.data?.vendor_id && !related.data.has(party_id),
            )}
          />
        )
      }
      above={
        <div className="choice-field">
          <label htmlFor="relation-product">{t('relations.product')}</label>
          <Select
            id="relation-product"
            aria-label={t('relations.product')}
            value={chosen ?? null}
            placeholder={t('relations.choose')}
            showSearch={{ filterOption: false, onSearch: setSearch }}
            options={options}
            onChange={(id) => filters.apply({ product: id })}
            notFoundContent={t('relations.noProduct')}
          />
        </div>
      }
      list={list}
      rowKey="party_id"
      columns={[
        { key: 'name', title: t('relations.provider'), render: ({ name }) => name },
        { key: 'account', title: t('relations.account'), render: ({ account }) => account },
        {
          key: 'relation',
          title: t('relations.may'),
          width: 260,
          render: (party) => {
            if (party.party_id === product.data?.vendor_id) {
              return <Tag color="blue">{t('relations.own')}</Tag>;
            }
            return (
              chosen && (
                <RelationSwitch
                  productId={chosen}
                  party={party}
                  may={related.data?.has(party.party_id) ?? false}
                  isLoading={related.isLoading}
                />
              )
            );
          },
        },
      ]}
      empty={{ title: t('relations.empty'), hint: t('relations.emptyHint') }}
    />
  );
}

/** The names of the vendors: products of two may be called alike. */
function useVendors(): ReadonlyMap<string, string> {
  const found = useQuery({
    queryKey: ['parties', 'names'],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/parties', { params: { query: { kind: 'isv', limit: 200 } } }))).items,
    staleTime: 60_000,
  });
  return new Map(found.data?.map(({ party_id, name }) => [party_id, name]));
}

/** Allow the product to all providers shown that may not deliver it yet, one after the other. */
function AllowAll({ productId, parties }: { productId: string; parties: readonly Party[] }) {
  const { t } = useTranslation('operator');
  const { message, modal } = App.useApp();
  const allow = async () => {
    try {
      for (const { party_id } of parties) {
        const path = { product_id: productId, provider_id: party_id };
        await api.PUT('/api/v1/relations/{product_id}/{provider_id}', { params: { path } });
      }
      void message.success(t('relations.allAllowed', { count: parties.length }));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      await queries.invalidateQueries({ queryKey: ['relations'] });
    }
  };
  return (
    <Button
      disabled={parties.length === 0}
      onClick={() =>
        void modal.confirm({
          title: t('relations.allowAllAsk', { count: parties.length }),
          content: parties.map(({ name }) => name).join('、'),
          okText: t('relations.allowAll'),
          cancelText: t('cancel', { ns: 'app' }),
          onOk: allow,
        })
      }
    >
      {t('relations.allowAll')}
    </Button>
  );
}

/** Who may be configured for the product: the candidates of 选择服务商 (P-20). */
function useRelated(productId: string | undefined) {
  return useQuery({
    queryKey: ['relations', productId],
    queryFn: async () => {
      const found = await answer(
        api.GET('/api/v1/provider-configurations/{product_id}/candidates', {
          params: { path: { product_id: productId ?? '' } },
        }),
      );
      return new Set(found.items.map(({ provider_id }) => provider_id));
    },
    enabled: productId !== undefined,
  });
}

function RelationSwitch(props: { productId: string; party: Party; may: boolean; isLoading: boolean }) {
  const { t } = useTranslation('operator');
  const { message, modal } = App.useApp();
  const [pending, setPending] = useState(false);
  const { productId, party, may } = props;
  const set = async (next: boolean) => {
    const params = { path: { product_id: productId, provider_id: party.party_id } };
    setPending(true);
    try {
      await (next
        ? api.PUT('/api/v1/relations/{product_id}/{provider_id}', { params })
        : api.DELETE('/api/v1/relations/{product_id}/{provider_id}', { params }));
      await queries.invalidateQueries({ queryKey: ['relations'] });
      void message.success(t(next ? 'relations.begun' : 'relations.ended', { name: party.name }));
    } catch (error) {
      void message.error(messageOf(error, language()));
    } finally {
      setPending(false);
    }
  };
  return (
    <Switch
      checked={may}
      loading={pending || props.isLoading}
      aria-label={t('relations.switch', { name: party.name })}
      onChange={(next) => {
        if (next) {
          void set(true);
        } else {
          void modal.confirm({
            title: t('relations.endAsk', { name: party.name }),
            content: t('relations.endHint'),
            okText: t('relations.end'),
            okButtonProps: { danger: true },
            onOk: () => set(false),
          });
        }
      }}
    />
  );
}
