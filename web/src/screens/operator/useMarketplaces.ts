/** Whose a customer's number is: of the home marketplace, of another one, or of one shop. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';
import { type Marketplace, marketplacesOf } from './marketplaces';

const LIMIT = 100;

/** `options`: those a customer can be registered in; `nameOf`: how one is called. */
export function useMarketplaces() {
  const { t } = useTranslation('operator');
  const shops = useQuery({ queryKey: ['connections', 'shops'], queryFn: readShops, staleTime: 60_000 });
  const known = { '': t('marketplaces.home'), huawei: t('marketplaces.huawei'), tencent: t('marketplaces.tencent') };
  const options = marketplacesOf(known, shops.data ?? []);
  const nameOf = (marketplace: string) =>
    options.find((one) => one.value === marketplace)?.label ?? (shops.isPending ? '' : t('marketplaces.unknown'));
  return { options, nameOf };
}

async function readShops(): Promise<Marketplace[]> {
  const shops: Marketplace[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(cursor);
    for (const { id, kind, name, vendor_name } of page.items) {
      if (kind === 'generic') {
        shops.push({ value: `generic:${id}`, label: vendor_name ? `${name} · ${vendor_name}` : name });
      }
    }
    cursor = page.next;
  } while (cursor !== null);
  return shops;
}

function readPage(cursor: string | null) {
  const query = { limit: LIMIT, ...(cursor === null ? {} : { cursor }) };
  return answer(api.GET('/api/v1/connections', { params: { query } }));
}
