/** The vendor's products, to choose one. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api';

const LIMIT = 200;

export function useProducts() {
  return useQuery({
    queryKey: ['product-list', 'all'],
    queryFn: async () => {
      const options: { value: string; label: string }[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: LIMIT, ...(cursor === null ? {} : { cursor }) };
        const page: Awaited<ReturnType<typeof readPage>> = await readPage(query);
        options.push(...page.items.map((one) => ({ value: one.product_id, label: `${one.name} · ${one.code}` })));
        cursor = page.next;
      } while (cursor !== null);
      return options;
    },
    staleTime: 60_000,
  });
}

function readPage(query: { limit: number; cursor?: string }) {
  return answer(api.GET('/api/v1/product-list', { params: { query } }));
}
