import { useTheme } from '@material-ui/core/styles';
import { Link } from 'react-router-dom';
import { Lineage, Shape } from './graph';
import { layout, NODE, Placed } from './layout';
import { nodePath, spoken } from './words';

const { width: W, height: H } = NODE;

/** Outlines that tell the kinds apart without any colour. */
const OUTLINE: Record<Shape, string> = {
  data: `M0,8 A${W / 2},8 0 0 1 ${W},8 V${H - 8} A${W / 2},8 0 0 1 0,${H - 8} Z M0,8 A${W / 2},8 0 0 0 ${W},8`,
  pipeline: `M14,0 H${W - 14} L${W},${H / 2} L${W - 14},${H} H14 L0,${H / 2} Z`,
  model: `M0,14 L14,0 H${W - 14} L${W},14 V${H - 14} L${W - 14},${H} H14 L0,${H - 14} Z`,
  service: `M0,0 H${W} V${H} H0 Z`,
  api: `M${H / 2},0 H${W - H / 2} A${H / 2},${H / 2} 0 0 1 ${W - H / 2},${H} H${H / 2} A${H / 2},${H / 2} 0 0 1 ${H / 2},0 Z`,
  other: `M10,0 H${W} L${W - 10},${H} H0 Z`,
};

/** As much of a title as a node has room for. */
const shortened = (title: string) => (title.length > 23 ? `${title.slice(0, 22)}…` : title);

/** The flow from left to right; every node is a link. The table beside it says the same in words. */
export function Graph({ lineage, name }: { lineage: Lineage; name: string }) {
  const { palette } = useTheme();
  const { width, height, nodes, lines } = layout(lineage);
  return (
    // A wide picture shrinks as far as it stays legible, then scrolls; with the keyboard, too: its nodes take the focus.
    <div style={{ overflowX: 'auto' }}>
      <svg
        role="group"
        aria-label={`Lineage of ${name}`}
        viewBox={`0 0 ${width} ${height}`}
        style={{ display: 'block', width: '100%', minWidth: 0.7 * width, maxWidth: width, height: 'auto' }}
      >
        <defs>
          <marker id="lineage-arrow" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0,0 L8,4 L0,8 Z" fill={palette.text.secondary} />
          </marker>
        </defs>
        <g aria-hidden="true" fill="none" stroke={palette.text.secondary} strokeWidth="1.5">
          {lines.map(({ key, path }) => (
            <path key={key} d={path} markerEnd="url(#lineage-arrow)" />
          ))}
        </g>
        {nodes.map(node => (
          <NodeLink key={node.ref} node={node} focused={lineage.focus.includes(node.ref)} />
        ))}
      </svg>
    </div>
  );
}

function NodeLink({ node, focused }: { node: Placed; focused: boolean }) {
  const { palette } = useTheme();
  const drawing = (
    <g transform={`translate(${node.x},${node.y})`}>
      <path
        d={OUTLINE[node.shape]}
        fill={palette.background.paper}
        stroke={focused ? palette.primary.main : palette.text.primary}
        strokeWidth={focused ? 3 : 1}
        strokeDasharray={node.external || node.missing ? '6 4' : undefined}
      />
      <text x={W / 2} y={H / 2 - 1} textAnchor="middle" fontSize="13" fontWeight={focused ? 700 : 500} fill={palette.text.primary}>
        {shortened(node.title)}
      </text>
      <text x={W / 2} y={H / 2 + 16} textAnchor="middle" fontSize="11" fill={palette.text.primary}>
        {node.kind}
        {node.external && ', external'}
        {node.missing && ', not in the catalogue'}
      </text>
    </g>
  );
  if (node.missing) return drawing;
  return (
    <Link to={nodePath(node.ref)} aria-label={spoken(node)} aria-current={focused ? 'true' : undefined}>
      <title>{node.description ?? node.title}</title>
      {drawing}
    </Link>
  );
}
