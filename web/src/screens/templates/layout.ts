/** Where the nodes stand on the canvas: from top to bottom, the children of a container inside it. */
import dagre from '@dagrejs/dagre';
import type { FlowNode } from './node';

export const NODE = { width: 248, height: 76 } as const;
const GAP = 44;
const HEAD = 56;
const PAD = 20;
const FOOT = 48;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function sizeOf(node: FlowNode): { width: number; height: number } {
  if (node.children === undefined) {
    return { ...NODE };
  }
  const inner = node.children.map(sizeOf);
  const width = Math.max(NODE.width, ...inner.map((one) => one.width)) + 2 * PAD;
  const height = inner.reduce((sum, one) => sum + one.height, 0) + Math.max(inner.length - 1, 0) * GAP;
  return { width, height: HEAD + height + FOOT };
}

/** Boxes by node id; those of children are relative to their container. */
export function layout(nodes: readonly FlowNode[]): Map<string, Box> {
  const boxes = new Map<string, Box>();
  const place = (level: readonly FlowNode[], left: number, top: number) => {
    const graph = new dagre.graphlib.Graph();
    graph.setGraph({ rankdir: 'TB', ranksep: GAP, marginx: left, marginy: top });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const node of level) {
      graph.setNode(node.id, sizeOf(node));
    }
    for (const [index, node] of level.slice(1).entries()) {
      graph.setEdge(level[index]?.id ?? '', node.id);
    }
    dagre.layout(graph);
    for (const node of level) {
      const { x, y, width, height } = graph.node(node.id);
      boxes.set(node.id, { x: x - width / 2, y: y - height / 2, width, height });
      place(node.children ?? [], PAD, HEAD);
    }
  };
  place(nodes, 0, 0);
  return boxes;
}

/** Where a node stands on the whole canvas: within its container, where it is in one. */
export function placeOf(boxes: ReadonlyMap<string, Box>, id: string, parent: string | undefined): Box | undefined {
  const own = boxes.get(id);
  const around = parent === undefined ? undefined : boxes.get(parent);
  return own && around ? { ...own, x: own.x + around.x, y: own.y + around.y } : own;
}

/** What is seen of the canvas: moved by `x` and `y`, drawn `zoom` times as large, in a window of this size. */
export interface View {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
}

/** Whether all of a node can be seen. */
export function isInSight(box: Box, { x, y, zoom, width, height }: View): boolean {
  const left = box.x * zoom + x;
  const top = box.y * zoom + y;
  return left >= 0 && top >= 0 && left + box.width * zoom <= width && top + box.height * zoom <= height;
}

/** Whether the whole flow can be seen at this size or larger. */
export function fits(boxes: ReadonlyMap<string, Box>, zoom: number, { height }: { height: number }): boolean {
  const all = [...boxes.values()];
  const bottom = Math.max(...all.map((box) => box.y + box.height), 0);
  return bottom * zoom <= height;
}
