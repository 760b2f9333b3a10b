/** Where the nodes stand on the canvas: from top to bottom, the children of a container inside it. */
import dagre from '@dagrejs/dagre';
import type { FlowNode } from './node';

export const NODE = { width: 248, height: 60 } as const;
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
