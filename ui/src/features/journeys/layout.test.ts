import { expect, test } from 'vitest';
import { layout } from './layout';

const step = (id: string) => ({ id });

test('steps stand below those that lead to them, and none on another', () => {
  const graph = { steps: ['a', 'b', 'c', 'd'].map(step), edges: [{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }, { from: 'b', to: 'd' }, { from: 'c', to: 'd' }] };
  const { nodes, height } = layout(graph);
  const y = (id: string) => nodes.find((node) => node.id === id)!.y;
  expect(y('b')).toBeGreaterThan(y('a'));
  expect(y('b')).toBe(y('c'));
  expect(y('d')).toBeGreaterThan(y('c'));
  expect(new Set(nodes.map((node) => `${node.x}/${node.y}`)).size).toBe(4);
  expect(height).toBeGreaterThan(y('d'));
  expect(layout(graph)).toEqual({ nodes, height });
});

test('two edges between the same steps are drawn, a step alone too', () => {
  expect(layout({ steps: [step('a'), step('b'), step('x')], edges: [{ from: 'a', to: 'b' }, { from: 'a', to: 'b' }] }).nodes).toHaveLength(3);
});
