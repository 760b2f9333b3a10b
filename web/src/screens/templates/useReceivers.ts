/** Who can receive a reminder: the fixed parties and the roles of the template (N-14). */
import { useTranslation } from 'react-i18next';
import { type FlowNode, rolesIn } from './model';
import { type Choice, useRoles } from './useReference';

const FIXED = ['customer', 'assignee', 'provider_admin', 'vendor_admin', 'vendor_project_manager'] as const;

export function useReceivers(nodes: readonly FlowNode[]) {
  const { t } = useTranslation('templates');
  const roles = useRoles();
  const nameOf = (receiver: string) => {
    const fixed = FIXED.find((one) => one === receiver);
    return fixed ? t(`reminders.${fixed}`) : roles.nameOf(receiver.replace('role:', ''));
  };
  const choices: Choice[] = [
    ...FIXED,
    ...rolesIn(nodes)
      .filter((role) => role !== 'provider_admin')
      .map((role) => `role:${role}`),
  ].map((value) => ({ value, label: nameOf(value) }));
  return { choices, nameOf };
}
