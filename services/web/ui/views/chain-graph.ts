import { type GraphEdge, type GraphNode, layOut } from '../../rules/graph-layout.ts';
import type { ChainEntry } from '../../state/documents.ts';
import { entityHref } from '../entity-href.ts';
import { type Drawn, html } from '../html.ts';

const [wide, high, gapX, gapY, edge] = [164, 44, 56, 14, 12];

const xOf = ({ layer }: GraphNode) => edge + layer * (wide + gapX);
const yOf = ({ row }: GraphNode) => edge + row * (high + gapY);

/** The same chain as a drawing: each entity a node and a link, each arrow from what caused something to what it became. */
export function ChainGraph({ chain }: { chain: readonly ChainEntry[] }): Drawn {
  const { nodes, edges, left } = layOut(chain);
  const width = Math.max(...nodes.map(xOf)) + wide + gapX;
  const height = Math.max(...nodes.map(yOf)) + high + edge;
  return html`<div class="scroll-x graph" tabindex="0" role="region" aria-label="Causes and effects as a drawing">
    <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label=${`${nodes.length} things and what caused them`}>
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" /></marker></defs>
      ${edges.map((one) => html`<path class=${one.back ? 'edge back' : 'edge'} d=${pathOf(one)} marker-end="url(#arrow)" />`)}
      ${nodes.map((node) => html`<${NodeBox} key=${node.key} node=${node} />`)}
    </svg></div>${left > 0 && html`<p class="pad muted">${left} more events are in the list.</p>`}`;
}

function pathOf({ from, to, back }: GraphEdge): string {
  const [y1, y2] = [yOf(from) + high / 2, yOf(to) + high / 2];
  const x1 = xOf(from) + wide;
  if (!back) {
    const x2 = xOf(to) - 2;
    return `M${x1} ${y1}C${x1 + gapX / 2} ${y1} ${x2 - gapX / 2} ${y2} ${x2} ${y2}`;
  }
  const x2 = xOf(to) + wide + 2;
  const bend = Math.max(x1, x2) + gapX / 2;
  return `M${x1} ${y1 + 8}C${bend} ${y1 + 8} ${bend} ${y2 - 8} ${x2} ${y2 - 8}`;
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function NodeBox({ node }: { node: GraphNode }): Drawn {
  const { entity, id, type, says, events } = node;
  const [x, y] = [xOf(node), yOf(node)];
  const name = `${entity} ${id.length > 14 ? `…${id.slice(-8)}` : id}`;
  const box = html`<g class=${`node ${entity}`}><title>${says}</title><rect x=${x} y=${y} width=${wide} height=${high} rx="6" />
    <text class="name" x=${x + 10} y=${y + 18}>${cut(name, 22)}</text><text class="last" x=${x + 10} y=${y + 34}>${cut(type, 20)}${events > 1 ? ` +${events - 1}` : ''}</text></g>`;
  const to = entityHref(entity, id);
  return to === null ? box : html`<a href=${to}>${box}</a>`;
}
