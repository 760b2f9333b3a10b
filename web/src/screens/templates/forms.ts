/**
 * The kinds of nodes with their forms, as template-svc tells them: which fields a node has, what is preset, required,
 * shown or possible. Nothing of it is kept here.
 */
import type { Language, Schema } from '../../api';
import type { FlowNode } from './node';

export type NodeForms = Schema<'TemplateNodeForms'>;
export type NodeKind = Schema<'TemplateKindOut'>;
export type FormField = Schema<'TemplateFormFieldOut'>;
export type Choice = Schema<'TemplateChoiceOut'>;
export type Trigger = Schema<'TemplateTriggerOut'>;
export type Wording = Schema<'TemplateWording'>;

/** A text in the language shown. */
export function worded(text: Wording | null | undefined, language: Language): string {
  return text?.[language] ?? '';
}

/** The kind of a node; one this console does not know yet has a form of its name only. */
export function kindOf(forms: NodeForms, type: string): NodeKind {
  const name = { zh: type, en: type };
  return (
    forms.kinds.find((kind) => kind.type === type) ?? {
      type,
      name,
      purpose: name,
      place: 'anywhere',
      side: null,
      fields: [],
    }
  );
}

/** A node as it stands in a new form, with the values preset by the manual (T-37, T-47, T-52, T-75), and what the
 *  choices among them put into other fields (T-59). */
export function newNode(kind: NodeKind, name: string, id: string = crypto.randomUUID()): FlowNode {
  const presets = Object.fromEntries(kind.fields.map((field) => [field.name, structuredClone(field.preset)]));
  return { ...changed(kind, { id, type: kind.type, name }, presets), id, type: kind.type, name };
}

/** Fields that a switch turns off are not shown (T-62, T-76). */
export function shownFields(kind: NodeKind, node: FlowNode): FormField[] {
  return kind.fields.filter((field) => !field.shown_with || node[field.shown_with] === true);
}

/** Whether a field says something: a switch that is on, a timeout above 0 (also while it is typed), a choice made. */
export function isFilled(kind: NodeKind | undefined, node: FlowNode, name: string): boolean {
  const value = node[name];
  const control = kind?.fields.find((field) => field.name === name)?.control;
  return control === 'days' ? Number(value ?? 0) > 0 : Boolean(value);
}

/** Whether a field can be filled in yet (T-67: advancing on timeout needs a timeout). */
export function isOpen(kind: NodeKind, node: FlowNode, field: FormField): boolean {
  return !field.needs || isFilled(kind, node, field.needs);
}

/** The node with other values, and with what follows: what a choice puts into other fields (T-59), and switches off
 *  what can no longer be on (T-67). */
export function changed(kind: NodeKind, node: FlowNode, change: Partial<FlowNode>): FlowNode {
  const chosen = kind.fields.flatMap((field) =>
    field.name in change ? field.choices.filter(({ value }) => value === change[field.name]) : [],
  );
  const next: FlowNode = Object.assign({}, node, change, ...chosen.map(({ sets }) => sets));
  for (const field of kind.fields) {
    if (field.control === 'switch' && !isOpen(kind, next, field)) {
      next[field.name] = field.preset;
    }
  }
  return next;
}

/** The fields in which two states of a node differ. */
export function differing(one: FlowNode, other: FlowNode): string[] {
  return Object.keys(other).filter((name) => one[name] !== other[name]);
}

/** Whether the text of a field is what it may be (T-83, T-84); an empty one is. */
export function isRight(field: FormField, value: unknown): boolean {
  const text = String(value ?? '').trim();
  return !field.pattern || text === '' || new RegExp(`^(?:${field.pattern})$`).test(text);
}

/** The first field whose text is not what it may be, if any. */
export function wrongField(kind: NodeKind, node: FlowNode): FormField | undefined {
  return kind.fields.find((field) => !isRight(field, node[field.name]));
}

/** The triggers that can happen at a node (T-91, T-95). */
export function triggersOf(forms: NodeForms, node: FlowNode): Trigger[] {
  const kind = kindOf(forms, node.type);
  return forms.triggers.filter(({ needs }) => !needs || isFilled(kind, node, needs));
}

/** Whether a container may hold nodes of this kind (T-29). */
export function canStandInContainer(kind: NodeKind): boolean {
  return kind.place === 'anywhere';
}

/** Built in, so that it is neither added nor moved nor deleted (T-18 … T-20). */
export function isBuiltIn(kind: NodeKind): boolean {
  return kind.place === 'first';
}
