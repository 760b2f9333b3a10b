/** What the screens of connections read. */
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api';
import { language } from '../../i18n';
import { holds, useMe } from '../../session/session';
import type { SkuEntry } from './skuMap';

const EVERY_MS = 15_000;

/** The vendor's admin changes connections; who else may see them only reads. */
export function useKeeps(): boolean {
  return holds(useMe().data, 'vendor_admin');
}

export function useKinds() {
  const kinds = useQuery({
    queryKey: ['connection-kinds'],
    queryFn: async () => (await answer(api.GET('/api/v1/connections/kinds'))).items,
    staleTime: 10 * 60_000,
  });
  const titleOf = (kind: string) => {
    const found = kinds.data?.find((one) => one.kind === kind);
    return found ? (language() === 'zh' ? found.name_zh : found.name_en) : kind;
  };
  const makesSecret = (kind: string) => kinds.data?.find((one) => one.kind === kind)?.makes_secret ?? false;
  return { kinds, titleOf, makesSecret };
}

const of = (connection_id: string) => ({ params: { path: { connection_id } } });

export function useConnection(id: string) {
  return useQuery({
    queryKey: ['connections', id],
    queryFn: () => answer(api.GET('/api/v1/connections/{connection_id}', of(id))),
  });
}

/** Marketplaces send without anybody here doing something, so it is read anew now and then. */
export function useHealth(id: string) {
  return useQuery({
    queryKey: ['connections', id, 'health'],
    queryFn: () => answer(api.GET('/api/v1/connections/{connection_id}/health', of(id))),
    refetchInterval: EVERY_MS,
  });
}

export function useSkuMap(id: string) {
  return useQuery({
    queryKey: ['connections', id, 'sku-map'],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/connections/{connection_id}/sku-map', of(id)))).entries as SkuEntry[],
  });
}

/** Told while nobody here does anything, too. */
export function useMirror(id: string) {
  return useQuery({
    queryKey: ['connections', id, 'mirror'],
    queryFn: () => answer(api.GET('/api/v1/connections/{connection_id}/mirror', of(id))),
    refetchInterval: EVERY_MS,
  });
}
