/** What a node is, beside its name. */
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { kindOf, worded } from './forms';
import type { FlowNode } from './node';
import { useForms } from './useNodeForms';

export function TypeName({ node }: { node: FlowNode }) {
  useTranslation('templates');
  return <span className="secondary">{worded(kindOf(useForms(), node.type).name, language())}</span>;
}
