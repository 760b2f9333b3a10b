/** One sign per node type; its name always stands beside it. */
import {
  AppstoreOutlined,
  CheckSquareOutlined,
  FlagOutlined,
  FormOutlined,
  PlayCircleOutlined,
  TeamOutlined,
  ToolOutlined,
  UserAddOutlined,
} from '@ant-design/icons';
import type { NodeType } from './model';

const ICONS: Record<NodeType, typeof FlagOutlined> = {
  assign_provider: PlayCircleOutlined,
  claim_order: TeamOutlined,
  assign_order: UserAddOutlined,
  submit_requirement: FormOutlined,
  confirm: CheckSquareOutlined,
  general: ToolOutlined,
  container: AppstoreOutlined,
  complete_project: FlagOutlined,
};

export function NodeIcon({ type }: { type: NodeType }) {
  const Icon = ICONS[type];
  return <Icon className={`node-icon node-icon-${type}`} aria-hidden />;
}
