/** Message templates: the variables they may name (as template-svc checks them), and a preview with sample values. */
import type { Language, Schema } from '../../api';

export type MessageTemplate = Schema<'TemplateMessageTemplateEntry'>;
export const CHANNELS = ['sms', 'email', 'in_site'] as const;

const SAMPLES = {
  order_number: { zh: '201901088', en: '201901088' },
  business_number: { zh: '101001', en: '101001' },
  product_name: { zh: '企业官网建设', en: 'Corporate website' },
  node_name: { zh: '提交需求', en: 'Submit requirement' },
  customer_name: { zh: '客户甲乙丙', en: 'Customer Ltd.' },
  provider_name: { zh: '河北服务商', en: 'Provider Ltd.' },
  time: { zh: '2019-10-23 18:18', en: '2019-10-23 18:18' },
  reject_reason: { zh: '首页色调不符', en: 'Not our colours' },
  remark: { zh: '李四休假', en: 'Li is on leave' },
} as const;

export type Variable = keyof typeof SAMPLES;

export const VARIABLES = Object.keys(SAMPLES) as Variable[];

const ANY = /\{\{ ([a-z_]+) \}\}/g;

/** The text as its receiver would read it. Unknown variables stay as they are. */
export function previewOf(template: string, language: Language): string {
  return template.replace(ANY, (whole, name: string) =>
    name in SAMPLES ? SAMPLES[name as Variable][language] : whole,
  );
}

/** Variables nobody will fill in, and braces that are none. */
export function strangers(template: string): string[] {
  const unknown = [...template.matchAll(ANY)].map(([, name]) => name ?? '').filter((name) => !(name in SAMPLES));
  const stray = template.replace(ANY, '').match(/\{\{|\}\}|\{%|%\}|\{#|#\}/g) ?? [];
  return [...new Set([...unknown, ...stray])];
}
