/** The details page as `GET /projects/{id}` gives it, and who reads it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { answer, api, type Schema } from '../../api';

export type Details = Schema<'ProjectDetails'>;
export type CurrentNode = Schema<'ProjectCurrent'>;
/** The time limit of the open node. `stands`: why the clock stands still. */
export type Limit = Schema<'ProjectLimit'>;
/** What the caller can do at the open node, with the text of its button. */
export type Operation = Schema<'ProjectOffer'>;
/** A node with events and files of its own. */
export type FlowNode = Schema<'ProjectNode'>;
export type NodeFile = Schema<'ProjectFileEntry'>;
/** 第N步: a node, or a container, which has children instead of events of its own. */
export type Step = Schema<'ProjectStep'>;

/** What a project is called in a dialog about it. */
export function subjectOf({ business }: Details): string {
  return `${business.order_number} · ${business.product_name}`;
}

/** Below 已购服务 everybody is the customer of what he bought (S-04); elsewhere what his role makes him. */
export function useIsCustomer(): boolean {
  return isOfCustomer(useLocation().pathname);
}

export function isOfCustomer(pathname: string): boolean {
  return pathname.split('/')[2] === 'purchased-services';
}

/** What a step consists of: a container of its children, any other of itself. */
export function nodesOf(step: Step): readonly FlowNode[] {
  return step.children ?? [step as FlowNode];
}

/** The name of the node that follows the open one; undefined where the project then ends. */
export function nextOf({ steps, current }: Pick<Details, 'steps' | 'current'>): string | undefined {
  const nodes = steps.flatMap(nodesOf);
  const at = nodes.findIndex(({ node }) => node === current?.node);
  return nodes[at + 1]?.name;
}

/** Asks for the page of a project as it is, or as it was `at` a moment. */
export function detailsOf(projectId: string, asCustomer: boolean, at?: string) {
  return queryOptions({
    queryKey: ['project', projectId, asCustomer, at ?? 'now'],
    queryFn: async () =>
      await answer(
        api.GET('/api/v1/projects/{project_id}', {
          params: { path: { project_id: projectId }, query: { as_customer: asCustomer, ...(at ? { at } : {}) } },
        }),
      ),
  });
}

export function useDetails(projectId: string, at?: string) {
  return useQuery({
    ...detailsOf(projectId, useIsCustomer(), at),
    placeholderData: (before) => (before?.project_id === projectId ? before : undefined),
    ...(at ? {} : { refetchInterval: 60_000 }),
  });
}
