/** One sign per node type, a plain one for others; its name always stands beside it. */
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

const ICONS: Record<string, typeof FlagOutlined> = {
  assign_provider: PlayCircleOutlined,
  claim_order: TeamOutlined,
  assign_order: UserAddOutlined,
  submit_requirement: FormOutlined,
  confirm: CheckSquareOutlined,
  general: ToolOutlined,
  container: AppstoreOutlined,
  complete_project: FlagOutlined,
};

export function NodeIcon({ type }: { type: string }) {
  const Icon = ICONS[type] ?? ToolOutlined;
  return <Icon className={`node-icon node-icon-${type}`} aria-hidden />;
}
