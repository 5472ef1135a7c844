import { type Provider, promptInput } from './define.ts';

/** Any program: the prompt is its standard input, and `$CRAFTING_SESSION_DIR` is kept for the next time. */
export const generic: Provider = {
  name: 'generic',
  gateway: [],
  session: ['.crafting-table/session'],
  env: {},
  command: ({ program }) => `{ ${program}\n} ${promptInput}`,
  home: () => ({}),
  readUsage: () => null,
};
