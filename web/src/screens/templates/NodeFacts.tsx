/** What a node is and asks for, in one line below its name: type, role, time limit, reminders. */
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { kindOf, worded } from './forms';
import type { FlowNode } from './node';
import { useForms } from './useNodeForms';
import { useRoles } from './useReference';

export function NodeFacts({ node }: { node: FlowNode }) {
  const { t } = useTranslation('templates');
  const kind = worded(kindOf(useForms(), node.type).name, language());
  const role = useRoles().nameOf(node.role ?? '');
  const days = Number(node['timeout'] ?? 0);
  const reminders = node.reminders?.length ?? 0;
  const facts = [
    role,
    days > 0 ? t('facts.days', { days }) : '',
    reminders > 0 ? t('facts.reminders', { count: reminders }) : '',
  ].filter(Boolean);
  return (
    <>
      <span className="secondary">{kind}</span>
      {facts.length > 0 && <span className="secondary node-facts">{facts.join(' · ')}</span>}
    </>
  );
}
