/** An event with its cause, as far as a drawing needs it. */
type CausedEvent = {
  readonly seq: number;
  readonly type: string;
  readonly entity: string;
  readonly id: string;
  readonly says: string;
  readonly cause_seq: number | null;
  /** Under which a finding has its page; `id` is what it is known by in the log. */
  readonly finding_id?: number;
};

/** An entity in the drawing: all of its events are one node. `layer` counts from 0 at what nothing here caused; `row` within it. */
export type GraphNode = {
  readonly key: string;
  readonly entity: string;
  /** Of its page. */
  readonly id: string;
  readonly events: number;
  /** Of its last event. */
  readonly type: string;
  readonly says: string;
  readonly layer: number;
  readonly row: number;
};

/** `back`: what comes later acts upon what was there before, such as a run that resolves a finding. */
export type GraphEdge = { readonly from: GraphNode; readonly to: GraphNode; readonly back: boolean };

type Graph = {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly left: number;
};

type Draft = { key: string; entity: string; id: string; events: number; type: string; says: string; layer: number };

/** Lays entities out in layers, each to the right of what caused it; those that came last are left out beyond `most`. */
export function layOut(chain: readonly CausedEvent[], most = 80): Graph {
  const drafts = new Map<string, Draft>();
  const keyOfSeq = new Map<number, string>();
  const links = new Map<string, readonly [from: string, to: string]>();
  let left = 0;
  for (const { seq, type, entity, id, says, cause_seq, finding_id } of [...chain].sort((a, b) => a.seq - b.seq)) {
    const key = `${entity} ${id}`;
    const cause = cause_seq === null ? undefined : keyOfSeq.get(cause_seq);
    const known = drafts.get(key);
    if (!known && drafts.size >= most) {
      left += 1;
      continue;
    }
    keyOfSeq.set(seq, key);
    if (cause !== undefined && cause !== key) links.set(`${cause}\n${key}`, [cause, key]);
    // A node stands right of the first that caused it; what acts upon it later does not move it.
    const layer = known?.layer ?? (cause === undefined ? 0 : (drafts.get(cause)?.layer ?? -1) + 1);
    const page = finding_id === undefined ? (known?.id ?? id) : String(finding_id);
    drafts.set(key, { key, entity, id: page, type, says, layer, events: (known?.events ?? 0) + 1 });
  }
  const rows = new Map<number, number>();
  const nodes = [...drafts.values()].map((draft): GraphNode => {
    const row = rows.get(draft.layer) ?? 0;
    rows.set(draft.layer, row + 1);
    return { ...draft, row };
  });
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const edges = [...links.values()].flatMap(([a, b]) => {
    const [from, to] = [byKey.get(a), byKey.get(b)];
    return from && to ? [{ from, to, back: to.layer <= from.layer }] : [];
  });
  return { nodes, edges, left };
}
