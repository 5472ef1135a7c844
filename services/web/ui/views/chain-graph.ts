import { type GraphEdge, type GraphNode, layOut } from '../../rules/graph-layout.ts';
import type { ChainEntry } from '../../state/documents.ts';
import { entityHref } from '../entity-href.ts';
import { type Drawn, html } from '../html.ts';

const [wide, high, gapX, gapY, edge] = [208, 48, 56, 16, 12];

const xOf = ({ layer }: GraphNode) => edge + layer * (wide + gapX);
const yOf = ({ row }: GraphNode) => edge + row * (high + gapY);

/** The same chain as a drawing: each entity a box and a link, each arrow from what caused something to what it became. */
export function ChainGraph({ chain }: { chain: readonly ChainEntry[] }): Drawn {
  const { nodes, edges, left } = layOut(chain);
  const width = Math.max(...nodes.map(xOf)) + wide + gapX;
  const height = Math.max(...nodes.map(yOf)) + high + edge;
  return html`<div class="scroll-x graph" tabindex="0" role="region" aria-label="Causes and effects as a drawing">
    <div class="canvas" role="group" aria-label=${`${nodes.length} things and what caused them`} style=${{ width: `${width}px`, height: `${height}px` }}>
      <svg width=${width} height=${height} aria-hidden="true">
        <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" /></marker></defs>
        ${edges.map((one) => html`<path class=${one.back ? 'edge back' : 'edge'} d=${pathOf(one)} marker-end="url(#arrow)" />`)}
      </svg>
      ${nodes.map((node) => html`<${NodeBox} key=${node.key} node=${node} />`)}
    </div></div>${left > 0 && html`<p class="pad muted">${left} more events are in the list.</p>`}`;
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

/** Its words stay within the box, whatever font the reader has: what is too long ends in dots, and stands whole in the hint. */
function NodeBox({ node }: { node: GraphNode }): Drawn {
  const { entity, id, type, says, events } = node;
  const at = { left: `${xOf(node)}px`, top: `${yOf(node)}px`, width: `${wide}px`, height: `${high}px` };
  const last = type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const words = html`<span class="name ellipsis">${entity} <span class="mono">${id.length > 16 ? id.slice(-8) : id}</span></span>
    <span class="row last"><span class="ellipsis">${last}</span>${events > 1 && html`<span class="more-events">+${events - 1}</span>`}</span>`;
  const to = entityHref(entity, id);
  return to === null
    ? html`<span class=${`node ${entity}`} title=${says} style=${at}>${words}</span>`
    : html`<a class=${`node ${entity}`} title=${says} style=${at} href=${to}>${words}</a>`;
}
