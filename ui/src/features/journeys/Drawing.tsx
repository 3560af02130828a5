import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { useFormat } from '@/kit/format';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import './drawing.css';
import { layout, NODE } from './layout';
import { drawn, type DrawnStep, type Graph } from './queries';

type StepNode = Node<{ step: DrawnStep }, 'step'>;

function StepBox({ data: { step } }: NodeProps<StepNode>) {
  const text = useText().journeys;
  const format = useFormat();
  return (
    <div className={`step-box ${step.kind}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className="kind">{text.kinds[step.kind] ?? step.kind}</span>
      <span className="title"><Words words={step.words} own /></span>
      {step.waiting ? <span className="waiting">{text.waitingHere(format.compact(step.waiting))}</span> : null}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const nodeTypes = { step: StepBox };

/** The path, drawn. It is looked at; journeys are changed as files. */
export default function Drawing({ journey }: { journey: Graph }) {
  const text = useText().journeys;
  const graph = drawn(journey, text.says);
  const format = useFormat();
  // A finger on it scrolls the page, as anywhere; its buttons bring it nearer.
  const touched = useMediaQuery('(pointer: coarse)', false, { getInitialValueInEffect: false });
  // Counts change every second, places only with the path itself.
  const shape = JSON.stringify([graph.steps.map((step) => step.id), graph.edges.map((edge) => [edge.from, edge.to])]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `shape` stands for what the layout reads
  const placed = useMemo(() => layout(graph), [shape]);
  const nodes: StepNode[] = graph.steps.map((step) => {
    const at = placed.nodes.find((node) => node.id === step.id);
    return { id: step.id, type: 'step', position: { x: at?.x ?? 0, y: at?.y ?? 0 }, data: { step }, width: NODE.width, height: NODE.height };
  });
  const edges: Edge[] = graph.edges.map((edge, place) => {
    return {
      id: String(place), source: edge.from, target: edge.to, type: 'smoothstep', animated: false,
      label: [edge.when ? (text.answers[edge.when] ?? edge.when) : '', format.compact(edge.passed)].filter(Boolean).join(' · '),
    };
  });
  return (
    <div className="drawing" style={{ height: Math.min(860, Math.max(300, placed.height + 60)) }} role="group" aria-label={text.path}>
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={nodeTypes} fitView fitViewOptions={{ maxZoom: 1, padding: 0.1 }} minZoom={0.2}
        nodesDraggable={false} nodesConnectable={false} edgesFocusable={false} nodesFocusable={false} elementsSelectable={false} zoomOnScroll={false} preventScrolling={false}
        panOnDrag={!touched} zoomOnPinch={!touched}
      >
        <Background gap={22} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
