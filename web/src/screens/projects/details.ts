/**
 * The details page as `GET /projects/{id}` gives it. The OpenAPI document calls these parts plain objects, so their
 * shape stands here, as `project_svc/details.py` builds it, until it is published there.
 */
import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { useEntrance } from '../../app/entrance';
import type { Overdue } from './OverdueMark';
import type { QUEUE_REASONS } from './projectFilters';

export interface NodeFile {
  file_id: string;
  name: string;
  uploaded_at: string;
  size_text: string;
  operator: string;
  released: boolean;
  href: string;
}

export interface NodeEvent {
  time: string;
  actor: string;
  event: string;
  remark: string;
}

export interface FlowNode {
  node: string;
  name: string;
  type: string;
  state: 'not_started' | 'in_progress' | 'completed' | 'closed';
  entered_at: string;
  visit: number | null;
  events: NodeEvent[];
  files: NodeFile[];
  view_text?: string;
  /** Code of the demand form of a submit-requirement node. */
  form?: string | null;
  form_schema?: Record<string, unknown> | null;
  requirement?: { data: Record<string, unknown>; submitted_at: string; by: string } | null;
  timeouts?: { side: 'server' | 'customer'; due_at: string }[];
  sent_back?: { node: string; reason: string; by: string };
}

/** 第N步; a container has children instead of events of its own. */
export type Step = { number: number } & (FlowNode | (Omit<FlowNode, 'events' | 'files'> & { children: FlowNode[] }));

/** What the caller can do at the open node, with the text of its button. */
export interface Operation {
  operation: 'claim' | 'requirement' | 'upload' | 'confirmation' | 'rejection';
  text: string;
  method: string;
  href: string;
}

export type QueueReason = (typeof QUEUE_REASONS)[number];

/** The time limit of the open node. `stands`: why the clock stands still. */
export interface Limit {
  timeout_days: string;
  due_at: string | null;
  remaining_seconds: number | null;
  stands: 'paused' | 'day_off' | null;
}

export interface CurrentNode {
  node: string;
  name: string;
  step: number;
  visit: number;
  entered_at: string;
  operator: string;
  waits_for: string;
  queue: { reason: QueueReason; reason_text: string; since: string } | null;
  limit: Limit | null;
  /** When whoever it waits for was reminded last (催办). */
  reminded_at: string | null;
  overdue: Overdue | null;
  operations: Operation[];
}

type Published = Schema<'ProjectDetails'>;

export interface Details extends Omit<Published, 'steps' | 'current' | 'staff' | 'business' | 'evaluation'> {
  vendor: { id: string; name: string };
  provider: { id: string; name: string } | null;
  business: Record<'product_name' | 'edition' | 'order_number' | 'customer_name' | 'valid_until', string>;
  staff: Record<'person_id' | 'name' | 'roles' | 'landline' | 'mobile', string>[];
  steps: Step[];
  current: CurrentNode | null;
  evaluation: { stars: number; text: string; author: string; time: string } | null;
}

/** Below 已购服务 everybody is the customer of what he bought (S-04); elsewhere what his role makes him. */
export function useIsCustomer(): boolean {
  return useLocation().pathname.split('/')[2] === 'purchased-services';
}

/** Nodes with events of their own: containers stand for their children. */
export function nodesOf(steps: readonly Step[]): FlowNode[] {
  return steps.flatMap((step) => ('children' in step ? step.children : [step]));
}

/** The page as it is, or as it was `at` a moment. */
export function useDetails(projectId: string, at?: string) {
  const asCustomer = useIsCustomer();
  return useQuery({
    queryKey: ['project', projectId, asCustomer, at ?? 'now'],
    queryFn: async () =>
      (await answer(
        api.GET('/api/v1/projects/{project_id}', {
          params: { path: { project_id: projectId }, query: { as_customer: asCustomer, ...(at ? { at } : {}) } },
        }),
      )) as Published as unknown as Details,
    placeholderData: (before) => (before?.project_id === projectId ? before : undefined),
    ...(at ? {} : { refetchInterval: 60_000 }),
  });
}

/** The project's row of 项目管理, which knows product and role of the open node; asked for only where needed. */
export function useRow(details: Details | undefined, enabled: boolean) {
  const key = useEntrance();
  const entrance = key === 'vendor' || key === 'provider' ? { entrance: key } : {};
  return useQuery({
    queryKey: ['project-row', details?.project_id, key],
    enabled: enabled && details !== undefined,
    queryFn: async () => {
      const query = { ...entrance, tab: 'all', business_number: details?.business_number ?? '' } as const;
      const page = await answer(api.GET('/api/v1/project-list', { params: { query } }));
      return page.items.find((row) => row.project_id === details?.project_id) ?? null;
    },
  });
}
