/** All violations of publishing and the warnings, each leading to its node (T-98, T-94). */
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { find } from './model';
import type { FlowNode } from './node';
import { textOf, type Violation } from './violations';

export interface ProblemListProps {
  nodes: readonly FlowNode[];
  violations: readonly Violation[];
  warnings: readonly Violation[];
  onSelect: (problem: Violation) => void;
}

export function ProblemList({ nodes, violations, warnings, onSelect }: ProblemListProps) {
  const { t } = useTranslation('templates');
  const list = (found: readonly Violation[]) => (
    <ul className="problem-list">
      {found.map((one, place) => {
        const node = one.node_id ? find(nodes, one.node_id)?.node : undefined;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same rule may be broken twice
          <li key={place}>
            {node ? (
              <Button type="link" className="row-button" onClick={() => onSelect(one)}>
                {textOf(one, language())}
              </Button>
            ) : (
              textOf(one, language())
            )}
          </li>
        );
      })}
    </ul>
  );
  return (
    <>
      {violations.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="form-refusal"
          title={t('editor.problems', { count: violations.length })}
          description={list(violations)}
        />
      )}
      {warnings.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="form-refusal"
          title={t('editor.warnings', { count: warnings.length })}
          description={list(warnings)}
        />
      )}
    </>
  );
}
