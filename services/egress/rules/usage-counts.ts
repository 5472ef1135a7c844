import type { UsageCounts } from '../../../events/work/budget.ts';

export const noUsage: UsageCounts = Object.freeze({
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  tool_calls: 0,
});

/** All tokens of a call; those of reasoning are among its output. */
export function tokensOf(usage: UsageCounts): number {
  return usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens;
}

export function addUsage(one: UsageCounts, other: UsageCounts): UsageCounts {
  return {
    input_tokens: one.input_tokens + other.input_tokens,
    cache_read_tokens: one.cache_read_tokens + other.cache_read_tokens,
    cache_write_tokens: one.cache_write_tokens + other.cache_write_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    reasoning_tokens: one.reasoning_tokens + other.reasoning_tokens,
    tool_calls: one.tool_calls + other.tool_calls,
  };
}
