/** Some kinds of nodes for tests, as template-svc tells them; which there are, only it knows. */
import type { Choice, FormField, NodeForms, NodeKind } from './forms';
import * as forms from './forms';
import type { FlowNode } from './node';

const word = (text: string) => ({ zh: text, en: text });

function field(name: string, control: FormField['control'], more: Partial<FormField> = {}): FormField {
  return {
    name,
    control,
    label: word(name),
    preset: null,
    required: false,
    shown_with: null,
    needs: null,
    why: null,
    hint: null,
    choices: [],
    roles: [],
    longest: null,
    pattern: null,
    wrong: null,
    ...more,
  };
}

function choice(value: string, more: Partial<Choice> = {}): Choice {
  return { value, text: word(value), sets: {}, after: null, why: null, ...more };
}

function kind(type: string, fields: FormField[], more: Partial<NodeKind> = {}): NodeKind {
  const all = [field('name', 'text', { preset: '' }), ...fields];
  return { type, name: word(type), purpose: word(type), place: 'anywhere', side: null, fields: all, ...more };
}

const REMINDERS = field('reminders', 'reminders', { preset: [] });
const DAYS = field('timeout', 'days', { preset: 0, pattern: '[0-9]{1,3}(\\.[0-9])?', wrong: word('wrong') });
const SIDE = field('side', 'choice', {
  choices: [choice('provider', { sets: { role: null } }), choice('customer', { sets: { role: 'customer' } })],
});
const ROLE = field('role', 'role', { needs: 'side' });

export const FORMS: NodeForms = {
  kinds: [
    kind('assign_provider', [REMINDERS], { place: 'first' }),
    kind('claim_order', [field('role', 'role', { preset: 'account_manager' }), DAYS, REMINDERS], { side: 'provider' }),
    kind('assign_order', [field('role', 'role'), REMINDERS], { side: 'provider' }),
    kind('submit_requirement', [field('form', 'demand_form'), DAYS, REMINDERS], { side: 'customer' }),
    kind('confirm', [
      SIDE,
      ROLE,
      field('rejectable', 'switch', { preset: false }),
      field('reject_button', 'text', { shown_with: 'rejectable' }),
      DAYS,
      field('advance_on_timeout', 'switch', { preset: false, needs: 'timeout' }),
      REMINDERS,
    ]),
    kind('general', [SIDE, ROLE, DAYS, REMINDERS]),
    kind('container', [field('children', 'nodes', { preset: [] })], { place: 'top' }),
    kind('complete_project', [DAYS, REMINDERS], { place: 'last', side: 'customer' }),
  ],
  triggers: [
    { value: 'entered', text: word('entered'), needs: null },
    { value: 'rejected', text: word('rejected'), needs: 'rejectable' },
    { value: 'passed_on', text: word('passed_on'), needs: null },
    { value: 'overdue', text: word('overdue'), needs: 'timeout' },
  ],
  receivers: [{ value: 'customer', text: word('customer') }],
};

export function newNode(type: string, name: string, id?: string): FlowNode {
  return forms.newNode(forms.kindOf(FORMS, type), name, id);
}
