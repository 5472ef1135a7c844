import { join } from 'node:path';

/** Where the tools lie that come with the farm: ESLint and TypeScript, for recipes of projects that bring none. */
export const bundledTools: string = join(import.meta.dirname, '..', 'node_modules', '.bin');

/** An environment in which they are found, after everything that the machine has itself. */
export function withBundledTools(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${env['PATH'] ?? ''}:${bundledTools}` };
}
