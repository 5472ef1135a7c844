import type { AgentProvider } from '../../../../events/jobs/agent-manifest.ts';
import { claude } from './claude-program.ts';
import { codex } from './codex-program.ts';
import type { Provider } from './define.ts';
import { generic } from './generic-program.ts';

/** Every provider, by name. */
export const providers: Readonly<Record<AgentProvider, Provider>> = { claude, codex, generic };
