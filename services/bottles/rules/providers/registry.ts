import type { AgentProvider } from '../../../../events/agent-manifest.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import type { Provider } from './define.ts';
import { generic } from './generic.ts';

/** Every provider, by name. */
export const providers: Readonly<Record<AgentProvider, Provider>> = { claude, codex, generic };
