/** Who can receive a reminder: the fixed parties and the roles of the template (N-14). */
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { worded } from './forms';
import { rolesIn } from './model';
import type { FlowNode } from './node';
import { useForms } from './useNodeForms';
import { type Choice, useRoles } from './useReference';

export function useReceivers(nodes: readonly FlowNode[]) {
  useTranslation('templates');
  const { receivers } = useForms();
  const roles = useRoles();
  const nameOf = (receiver: string) => {
    const fixed = receivers.find(({ value }) => value === receiver);
    return fixed ? worded(fixed.text, language()) : roles.nameOf(receiver.replace('role:', ''));
  };
  const choices: Choice[] = [
    ...receivers.map(({ value }) => value),
    ...rolesIn(nodes)
      .filter((role) => !receivers.some(({ value }) => value === role))
      .map((role) => `role:${role}`),
  ].map((value) => ({ value, label: nameOf(value) }));
  return { choices, nameOf };
}
