import { Lineage, Node } from './graph';

export const NODE = { width: 190, height: 56 };
const GAP = { x: 70, y: 24 };
const MARGIN = 16;

export type Placed = Node & { x: number; y: number };
export type Line = { key: string; path: string };
export type Picture = { width: number; height: number; nodes: Placed[]; lines: Line[] };

/** Left to right: everything stands to the right of all that it comes from, as near as can be. */
export function layout({ nodes, edges }: Pick<Lineage, 'nodes' | 'edges'>): Picture {
  const sources = new Map<string, string[]>(nodes.map(({ ref }) => [ref, []]));
  edges.forEach(({ from, to }) => sources.get(to)?.push(from));
  const column = columns(sources);
  const layers: Node[][] = [];
  for (const node of nodes) (layers[column.get(node.ref)!] ??= []).push(node);
  const row = new Map<string, number>();
  for (const layer of layers) {
    // Each beside the middle of its sources, so that few lines cross.
    const middle = (node: Node) => {
      const rows = sources.get(node.ref)!.map(ref => row.get(ref) ?? 0);
      return rows.length ? rows.reduce((sum, value) => sum + value, 0) / rows.length : 0;
    };
    layer.sort((one, other) => middle(one) - middle(other) || one.ref.localeCompare(other.ref));
    layer.forEach(({ ref }, index) => row.set(ref, index));
  }
  const tallest = Math.max(0, ...layers.map(layer => layer.length));
  const placed = layers.flatMap((layer, x) =>
    layer.map((node, y) => ({
      ...node,
      x: MARGIN + x * (NODE.width + GAP.x),
      y: MARGIN + (y + (tallest - layer.length) / 2) * (NODE.height + GAP.y),
    })),
  );
  const at = new Map(placed.map(node => [node.ref, node]));
  return {
    width: 2 * MARGIN + layers.length * (NODE.width + GAP.x) - GAP.x,
    height: 2 * MARGIN + tallest * (NODE.height + GAP.y) - GAP.y,
    nodes: placed,
    lines: edges.map(({ from, to }) => ({ key: `${from} ${to}`, path: curve(at.get(from)!, at.get(to)!) })),
  };
}

/** The longest way to each from something without sources; an edge that closes a circle does not count. */
function columns(sources: Map<string, string[]>): Map<string, number> {
  const column = new Map<string, number>();
  const underWay = new Set<string>();
  const place = (ref: string): number => {
    const done = column.get(ref);
    if (done !== undefined) return done;
    underWay.add(ref);
    const before = sources.get(ref)!.filter(source => !underWay.has(source));
    const found = Math.max(-1, ...before.map(place)) + 1;
    underWay.delete(ref);
    column.set(ref, found);
    return found;
  };
  [...sources.keys()].forEach(place);
  return column;
}

function curve(from: Placed, to: Placed): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x - 6, to.y + NODE.height / 2];
  const bend = Math.max(GAP.x / 2, (x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
