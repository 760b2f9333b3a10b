/** A node of a template, as the API has it. */

export interface Reminder {
  receiver: string | null;
  trigger: string | null;
  message_template: string | null;
}

/** A node as the API has it; which fields it has besides these its kind says. */
export interface FlowNode {
  id: string;
  type: string;
  name: string;
  side?: string | null;
  role?: string | null;
  form?: string | null;
  reminders?: Reminder[];
  children?: FlowNode[];
  [field: string]: unknown;
}
