/** The nodes in order, as a list: read-only, or with everything the canvas can do (the accessible twin of it). */
import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  DeleteOutlined,
  ExclamationCircleFilled,
  ExportOutlined,
  ImportOutlined,
  LockOutlined,
} from '@ant-design/icons';
import { Button, Flex, Tooltip } from 'antd';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { AddNode } from './AddNode';
import { inOrder, type Move, movesOf } from './model';
import { NodeFacts } from './NodeFacts';
import { NodeIcon } from './NodeIcon';
import type { FlowNode } from './node';
import { useForms } from './useNodeForms';

export interface NodeOutlineProps {
  nodes: readonly FlowNode[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  /** How many problems a node has. */
  problems?: ReadonlyMap<string, number>;
  /** Without, the list is read-only. */
  edit?: NodeEdits;
}

export interface NodeEdits {
  add: (type: string, place: { parentId?: string; index: number }) => void;
  move: (id: string, how: Move) => void;
  remove: (id: string) => void;
}

export function NodeOutline(props: NodeOutlineProps) {
  const { t } = useTranslation('templates');
  const { nodes, edit } = props;
  const forms = useForms();
  const list = useRef<HTMLOListElement>(null);
  const order = inOrder(nodes).map(({ node }) => node.id);
  const step = (by: number) => {
    const next = order[order.indexOf(props.selected ?? '') + by];
    if (next !== undefined) {
      props.onSelect(next);
      list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
    }
  };
  const level = (siblings: readonly FlowNode[], parent?: FlowNode): ReactNode =>
    siblings.map((node, index) => (
      <li key={node.id}>
        <div className={node.id === props.selected ? 'outline-row outline-chosen' : 'outline-row'}>
          <button
            type="button"
            className="outline-node"
            data-node={node.id}
            aria-current={node.id === props.selected ? 'true' : undefined}
            onClick={() => props.onSelect(node.id)}
            onKeyDown={(event) => {
              if (event.altKey && edit && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
                event.preventDefault();
                edit.move(node.id, event.key === 'ArrowUp' ? 'up' : 'down');
              } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
                event.preventDefault();
                step(event.key === 'ArrowUp' ? -1 : 1);
              } else if (event.key === 'Delete' && edit && movesOf(forms, nodes, node.id).remove) {
                edit.remove(node.id);
              }
            }}
          >
            <span className="outline-place">{parent ? `${nodes.indexOf(parent) + 1}.${index + 1}` : index + 1}</span>
            <NodeIcon type={node.type} />
            <span className="outline-name">
              <span>{node.name || t('editor.unnamed')}</span>
              <NodeFacts node={node} />
            </span>
            <ProblemMark count={props.problems?.get(node.id)} />
          </button>
          {edit && <RowEdits nodes={nodes} node={node} edit={edit} />}
        </div>
        {node.children && (
          <ol className="outline outline-inner">
            {level(node.children, node)}
            {node.children.length === 0 && <li className="secondary outline-empty">{t('editor.unreachable')}</li>}
            {edit && (
              <li>
                <AddNode
                  inside
                  label={t('editor.addInto', { name: node.name || t('editor.unnamed') })}
                  onAdd={(type) => edit.add(type, { parentId: node.id, index: node.children?.length ?? 0 })}
                >
                  {t('editor.addChild')}
                </AddNode>
              </li>
            )}
          </ol>
        )}
      </li>
    ));
  return (
    <ol className="outline" ref={list} aria-label={t('page.nodes')}>
      {level(nodes)}
    </ol>
  );
}

export function ProblemMark({ count }: { count: number | undefined }) {
  const { t } = useTranslation('templates');
  return count ? (
    <Tooltip title={t('editor.problemMark', { count })}>
      <span className="problem-mark" role="img" aria-label={t('editor.problemMark', { count })}>
        <ExclamationCircleFilled /> {count}
      </span>
    </Tooltip>
  ) : null;
}

/** What can be done with a node where it stands. */
export function RowEdits({ nodes, node, edit }: { nodes: readonly FlowNode[]; node: FlowNode; edit: NodeEdits }) {
  const { t } = useTranslation('templates');
  const moves = movesOf(useForms(), nodes, node.id);
  const name = node.name || t('editor.unnamed');
  if (!moves.remove) {
    return (
      <Tooltip title={t('editor.builtIn')}>
        <span className="secondary outline-lock" role="img" aria-label={t('editor.builtIn')}>
          <LockOutlined />
        </span>
      </Tooltip>
    );
  }
  const button = (label: string, icon: ReactNode, enabled: boolean, run: () => void, danger = false) => (
    <Tooltip title={label}>
      <Button
        type="text"
        size="small"
        icon={icon}
        danger={danger}
        disabled={!enabled}
        aria-label={t('editor.of', { action: label, name })}
        onClick={run}
      />
    </Tooltip>
  );
  return (
    <Flex className="outline-edits">
      {button(t('editor.up'), <ArrowUpOutlined />, moves.up, () => edit.move(node.id, 'up'))}
      {button(t('editor.down'), <ArrowDownOutlined />, moves.down, () => edit.move(node.id, 'down'))}
      {moves.into && button(t('editor.into'), <ImportOutlined />, true, () => edit.move(node.id, 'into'))}
      {moves.outOf && button(t('editor.outOf'), <ExportOutlined />, true, () => edit.move(node.id, 'outOf'))}
      {button(t('editor.remove'), <DeleteOutlined />, true, () => edit.remove(node.id), true)}
    </Flex>
  );
}
