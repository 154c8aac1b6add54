import { parseEntityRef } from '@backstage/catalog-model';
import { Lineage, Node } from './graph';

/** The tab of the same name on another entity's page. */
export function nodePath(ref: string): string {
  const { kind, namespace, name } = parseEntityRef(ref);
  return `/catalog/${namespace}/${kind}/${name}/lineage`;
}

export function spoken({ title, kind, external, missing }: Node): string {
  return [title, kind, external && 'external', missing && 'not in the catalogue'].filter(Boolean).join(', ');
}

export type Row = { node: Node; from: Node[]; to: Node[] };

/** The same as the picture, in sentences: what each comes from, and what depends on it. */
export function rows({ nodes, edges }: Pick<Lineage, 'nodes' | 'edges'>, refs: Iterable<string>): Row[] {
  const byRef = new Map(nodes.map(node => [node.ref, node]));
  const named = (found: string[]) => found.map(ref => byRef.get(ref)!).sort((a, b) => a.title.localeCompare(b.title));
  return [...refs].map(ref => ({
    node: byRef.get(ref)!,
    from: named(edges.filter(({ to }) => to === ref).map(({ from }) => from)),
    to: named(edges.filter(({ from }) => from === ref).map(({ to }) => to)),
  }));
}
