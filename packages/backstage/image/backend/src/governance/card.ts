/** What the pattern of a model card asks to be filled in: a value, a cell or an item all in italics. */
const PLACEHOLDER = /(?:^|[|:]\s+|[-*]\s+)\*([^*\s][^*]*)\*\s*(?:\||$)/g;

/** Headings that a card cannot do without. */
const SECTIONS = ['Intended use', 'Data', 'Limits and risks'];

/** What is missing in a model card; nothing where it is filled in. */
export function gapsIn(card: string | undefined): string[] {
  if (card === undefined || !card.trim()) return ['there is no docs/model-card.md in the repository'];
  const lines = card.split('\n');
  const headings = lines.filter(line => line.startsWith('#')).map(line => line.replace(/^#+\s*/, '').trim());
  return [
    ...lines.flatMap(line => [...line.matchAll(PLACEHOLDER)].map(found => `not filled in: ${found[1]}`)),
    ...SECTIONS.filter(section => !headings.includes(section)).map(section => `the section "${section}" is missing`),
  ];
}
