/** Tools that do what an address of the API does, as the farm's own sentences name it. */
const toolOf: readonly (readonly [address: RegExp, tool: string])[] = [
  [/^GET \/projects\/[^/]+\/proposals/, 'crafting_table_proposals'],
  [/^GET \/projects\/[^/]+\/tests/, 'crafting_table_flaky_tests'],
  [/^GET \/projects\/[^/]+\/source/, 'crafting_table_get_source'],
  [/^POST \/projects\/[^/]+\/verify-patch/, 'crafting_table_verify_patch'],
  [/^POST \/projects\/[^/]+\/jobs/, 'crafting_table_run_test and its like'],
  [/^POST \/jobs\/[^/]+\/patches/, 'crafting_table_draft_patch'],
  [/^POST \/jobs\/[^/]+\/rerun/, 'crafting_table_rerun'],
  [/^POST \/jobs\/[^/]+\/cancel/, 'crafting_table_cancel'],
  [/^GET \/jobs\/[^/]+\/log/, 'crafting_table_get_log'],
  [/^GET \/jobs/, 'crafting_table_list_jobs'],
  [/^GET \/patches/, 'crafting_table_get_patch'],
  [/^GET \/findings/, 'crafting_table_list_findings'],
  [/^POST \/findings\/[^/]+\/suppress/, 'crafting_table_suppress'],
  [/^POST \/patches\/[^/]+\/reconsider/, 'a person who runs `crafting-table patches reconsider`'],
];

/** A sentence of the farm for whoever has tools and no addresses. Not for text of others, whose addresses are their own. */
export function inTools(sentence: string): string {
  return sentence.replace(
    /\b(?:GET|POST|PUT|PATCH|DELETE) \/[A-Za-z0-9{}/._-]*(?:\?[A-Za-z0-9=&_-]*)?/g,
    (address) => toolOf.find(([one]) => one.test(address))?.[1] ?? 'a person at the farm',
  );
}
