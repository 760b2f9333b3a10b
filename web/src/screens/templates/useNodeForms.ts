/** The kinds of nodes with their forms: read once per page, then there for everything on it. */
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { answer, api } from '../../api';
import type { NodeForms } from './forms';

/** They change with a new version of the platform only. */
const STALE_MS = 3_600_000;

export function useNodeForms() {
  return useQuery({
    queryKey: ['node-forms'],
    queryFn: () => answer(api.GET('/api/v1/node-forms')),
    staleTime: STALE_MS,
  });
}

export const Forms = createContext<NodeForms>({ kinds: [], triggers: [], receivers: [] });

export function useForms(): NodeForms {
  return useContext(Forms);
}
