import type { PatchCost } from '../../../../events/patches/patch.ts';

export const noCost: PatchCost = { turns: 0, duration_ms: 0, input_tokens: null, output_tokens: null, usd: null };

/** What several turns took together. What nobody says of any of them stays unknown. */
export function sumOfCosts(costs: readonly PatchCost[]): PatchCost {
  return costs.reduce((sum, one) => combined(sum, one, 1), noCost);
}

/** What is left of a sum without some of its parts; never less than nothing. */
export function withoutCosts(sum: PatchCost, parts: readonly PatchCost[]): PatchCost {
  return parts.reduce((left, one) => combined(left, one, -1), sum);
}

/** What one earlier turn took; events of a time before tokens were kept say how long alone. */
export function costOfTurn({ cost, duration_ms }: { cost?: PatchCost | null; duration_ms: number }): PatchCost {
  return cost ?? { ...noCost, duration_ms };
}

function combined(a: PatchCost, b: PatchCost, sign: 1 | -1): PatchCost {
  const add = (x: number, y: number) => Math.max(0, x + sign * y);
  const known = (x: number | null, y: number | null) => (x === null && y === null ? null : add(x ?? 0, y ?? 0));
  return {
    turns: add(a.turns, b.turns),
    duration_ms: add(a.duration_ms, b.duration_ms),
    input_tokens: known(a.input_tokens, b.input_tokens),
    output_tokens: known(a.output_tokens, b.output_tokens),
    usd: known(a.usd, b.usd),
  };
}
