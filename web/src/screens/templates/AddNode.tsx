/** A button with the menu of the node types that can be added (T-17). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { canStandInContainer, isBuiltIn, worded } from './forms';
import { NodeIcon } from './NodeIcon';
import { useForms } from './useNodeForms';

export interface AddNodeProps {
  /** For screen readers: where it is added. */
  label: string;
  /** In a container, which cannot hold every type (T-29). */
  inside?: boolean;
  primary?: boolean;
  /** Text of the button; without, it is a round plus. */
  children?: ReactNode;
  onAdd: (type: string) => void;
}

export function AddNode({ label, inside = false, primary = false, children, onAdd }: AddNodeProps) {
  useTranslation('templates');
  const { kinds } = useForms();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: kinds
          .filter((kind) => (inside ? canStandInContainer(kind) : !isBuiltIn(kind)))
          .map((kind) => ({
            key: kind.type,
            icon: <NodeIcon type={kind.type} />,
            label: (
              <span className="two-lines">
                <span>{worded(kind.name, language())}</span>
                <span>{worded(kind.purpose, language())}</span>
              </span>
            ),
            onClick: () => onAdd(kind.type),
          })),
      }}
    >
      <Button
        type={primary ? 'primary' : 'dashed'}
        size={primary ? 'middle' : 'small'}
        shape={children ? 'default' : 'circle'}
        icon={<PlusOutlined />}
        aria-label={label}
        className="nodrag nopan"
      >
        {children}
      </Button>
    </Dropdown>
  );
}
