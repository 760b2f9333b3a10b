/** A button with the menu of the node types that can be added (T-17). */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { canStandIn, NODE_TYPES, type NodeType } from './model';
import { NodeIcon } from './NodeIcon';

export interface AddNodeProps {
  /** For screen readers: where it is added. */
  label: string;
  /** In a container, which cannot hold every type (T-29). */
  inside?: boolean;
  primary?: boolean;
  /** Text of the button; without, it is a round plus. */
  children?: ReactNode;
  onAdd: (type: NodeType) => void;
}

export function AddNode({ label, inside = false, primary = false, children, onAdd }: AddNodeProps) {
  const { t } = useTranslation('templates');
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: NODE_TYPES.filter((type) => !inside || canStandIn(type)).map((type) => ({
          key: type,
          icon: <NodeIcon type={type} />,
          label: (
            <span className="two-lines">
              <span>{t(`types.${type}`)}</span>
              <span>{t(`purposes.${type}`)}</span>
            </span>
          ),
          onClick: () => onAdd(type),
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
