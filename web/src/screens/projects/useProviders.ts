/** The providers configured for the vendor's products: the choice 全部服务商, and where a change is possible. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from '../../api';
import { useEntrance } from '../../app/entrance';

export function useProviders() {
  const entrance = useEntrance();
  const products = useQuery({
    queryKey: ['product-list', 'providers'],
    queryFn: () => answer(api.GET('/api/v1/product-list', { params: { query: { limit: 200 } } })),
    enabled: entrance === 'vendor' || entrance === 'operator',
    staleTime: 60_000,
  });
  return useMemo(() => {
    const items = products.data?.items ?? [];
    const names = new Map(items.flatMap((one) => one.providers.map((p) => [p.provider_id, p.name ?? p.provider_id])));
    return {
      providers: [...names].map(([value, label]) => ({ value, label })),
      /** Products with more than one provider. */
      several: new Set(items.filter((one) => one.providers.length > 1).map((one) => one.product_id)),
    };
  }, [products.data]);
}
