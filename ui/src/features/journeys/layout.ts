import dagre from '@dagrejs/dagre';
import type { DrawnEdge } from './queries';

export const NODE = { width: 230, height: 74 };

export interface Placed {
  nodes: { id: string; x: number; y: number }[];
  height: number;
}

/** Places of the steps, from the top down. The same graph has the same places. */
export function layout(graph: { steps: { id: string }[]; edges: Pick<DrawnEdge, 'from' | 'to'>[] }): Placed {
  const drawn = new dagre.graphlib.Graph({ multigraph: true });
  drawn.setGraph({ rankdir: 'TB', nodesep: 44, ranksep: 62 });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const step of graph.steps) drawn.setNode(step.id, { ...NODE });
  graph.edges.forEach((edge, place) => drawn.setEdge(edge.from, edge.to, {}, String(place)));
  dagre.layout(drawn);
  const nodes = graph.steps.map(({ id }) => {
    const at = drawn.node(id);
    return { id, x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 };
  });
  const bottom = Math.max(0, ...nodes.map((node) => node.y + NODE.height));
  return { nodes, height: bottom };
}
