/** The flow drawn (React Flow, laid out by dagre): choose, add between, drag to another place, delete. */
import '@xyflow/react/dist/style.css';
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getStraightPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useDark } from '../../app/dark';
import { language } from '../../i18n';
import { AddNode } from './AddNode';
import { isBuiltIn, kindOf, worded } from './forms';
import { fits, isInSight, layout, placeOf } from './layout';
import { find, inOrder } from './model';
import { NodeFacts } from './NodeFacts';
import { NodeIcon } from './NodeIcon';
import { type NodeEdits, ProblemMark } from './NodeOutline';
import type { FlowNode } from './node';
import { useForms } from './useNodeForms';

export interface CanvasProps {
  nodes: readonly FlowNode[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  problems: ReadonlyMap<string, number>;
  edit: NodeEdits;
  /** A node was dragged to this place among its siblings. */
  onMoveTo: (id: string, index: number) => void;
}

type Drawn = Node<{ node: FlowNode; problems: number | undefined; onAdd: (type: string) => void }>;
type Line = Edge<{ label: string; inside: boolean; onAdd: (type: string) => void }>;

/** Smaller, names cannot be read. */
const LEAST_ZOOM = 0.75;
const FIT = { maxZoom: 1, minZoom: LEAST_ZOOM, padding: 0.08 } as const;

const NODE_KINDS = { step: Step, container: Container };
const EDGE_KINDS = { line: AddingLine };

export default function Canvas({ nodes, selected, onSelect, problems, edit, onMoveTo }: CanvasProps) {
  const { t } = useTranslation('templates');
  const dark = useDark();
  const forms = useForms();
  const boxes = useMemo(() => layout(nodes), [nodes]);
  const placed = inOrder(nodes);
  const { frame, begin } = useFollowing(boxes, selected, find(nodes, selected)?.parent?.id);
  const drawn: Drawn[] = placed.map(({ node, parent }) => {
    const box = boxes.get(node.id) ?? { x: 0, y: 0, width: 0, height: 0 };
    return {
      id: node.id,
      type: node.children ? 'container' : 'step',
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      selected: node.id === selected,
      draggable: !isBuiltIn(kindOf(forms, node.type)),
      ariaLabel: `${node.name || t('editor.unnamed')}，${worded(kindOf(forms, node.type).name, language())}`,
      data: {
        node,
        problems: problems.get(node.id),
        onAdd: (type) => edit.add(type, { parentId: node.id, index: node.children?.length ?? 0 }),
      },
      ...(parent ? { parentId: parent.id, extent: 'parent' as const } : {}),
    };
  });
  const lines: Line[] = placed.flatMap(({ node, parent, index, siblings }) => {
    const before = siblings[index - 1];
    return before
      ? [
          {
            id: `${before.id}-${node.id}`,
            type: 'line',
            source: before.id,
            target: node.id,
            focusable: false,
            data: {
              label: t('editor.addAfter', { name: before.name || t('editor.unnamed') }),
              inside: parent !== undefined,
              onAdd: (type) => edit.add(type, { ...(parent ? { parentId: parent.id } : {}), index }),
            },
          },
        ]
      : [];
  });
  /** The place among its siblings where a dragged node was let go. */
  const dropped = (id: string, y: number) => {
    const place = find(nodes, id);
    if (place) {
      const above = place.siblings.filter((one) => one.id !== id && (boxes.get(one.id)?.y ?? 0) < y);
      onMoveTo(id, above.length);
    }
  };
  return (
    <div className="canvas" ref={frame}>
      <ReactFlow
        onInit={begin}
        nodes={drawn}
        edges={lines}
        nodeTypes={NODE_KINDS}
        edgeTypes={EDGE_KINDS}
        colorMode={dark ? 'dark' : 'light'}
        nodesConnectable={false}
        deleteKeyCode={null}
        fitView
        fitViewOptions={FIT}
        minZoom={0.3}
        maxZoom={1.5}
        panOnScroll
        proOptions={{ hideAttribution: false }}
        onNodeClick={(_, { id }) => onSelect(id)}
        onNodeDragStop={(_, { id, position }) => dropped(id, position.y)}
        onNodesChange={(changes) => {
          // The keyboard selects through React Flow; everything else is ours.
          for (const one of changes) {
            if (one.type === 'select' && one.selected) {
              onSelect(one.id);
            }
          }
        }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

/** Keeps the chosen node in sight: a flow that fits is shown whole, of a longer one the chosen node is centred. */
function useFollowing(boxes: ReturnType<typeof layout>, selected: string | undefined, parent: string | undefined) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<ReactFlowInstance<Drawn, Line>>(undefined);
  const count = useRef(boxes.size);
  useEffect(() => {
    const box = placeOf(boxes, selected ?? '', parent);
    const size = frame.current?.getBoundingClientRect();
    const [drawing, isOther] = [canvas.current, count.current !== boxes.size];
    count.current = boxes.size;
    if (!drawing || !size || !box) {
      return;
    }
    const duration = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250;
    if (isOther && fits(boxes, LEAST_ZOOM, size)) {
      void drawing.fitView({ ...FIT, duration });
    } else if (!isInSight(box, { ...drawing.getViewport(), width: size.width, height: size.height })) {
      const zoom = drawing.getZoom();
      // Of a container as much as there is room for, beginning at its head.
      const height = Math.min(box.height, size.height / zoom);
      void drawing.setCenter(box.x + box.width / 2, box.y + height / 2, { zoom, duration });
    }
  }, [boxes, selected, parent]);
  const begin = (drawing: ReactFlowInstance<Drawn, Line>) => {
    canvas.current = drawing;
  };
  return { frame, begin };
}

function Step({ data, selected }: NodeProps<Drawn>) {
  const { t } = useTranslation('templates');
  return (
    <div className={selected ? 'step step-chosen' : 'step'}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <NodeIcon type={data.node.type} />
      <span className="outline-name">
        <span>{data.node.name || t('editor.unnamed')}</span>
        <NodeFacts node={data.node} />
      </span>
      <ProblemMark count={data.problems} />
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

function Container({ data, selected }: NodeProps<Drawn>) {
  const { t } = useTranslation('templates');
  const name = data.node.name || t('editor.unnamed');
  return (
    <div className={selected ? 'step-box step-chosen' : 'step-box'}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="step-box-head">
        <NodeIcon type={data.node.type} />
        <span className="outline-name">
          <span>{name}</span>
          <NodeFacts node={data.node} />
        </span>
        <ProblemMark count={data.problems} />
      </div>
      <div className="step-box-foot">
        <AddNode inside label={t('editor.addInto', { name })} onAdd={data.onAdd}>
          {t('editor.addChild')}
        </AddNode>
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

function AddingLine({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<Line>) {
  const [path, x, y] = getStraightPath({ sourceX, sourceY, targetX, targetY });
  return (
    <>
      <BaseEdge path={path} />
      {data && (
        <EdgeLabelRenderer>
          <div className="line-add" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            <AddNode inside={data.inside} label={data.label} onAdd={data.onAdd} />
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
