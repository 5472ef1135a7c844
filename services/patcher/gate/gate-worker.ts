import { flushCompileCache } from 'node:module';
import type { Judged } from '../rules/policy/reading/judged-patch.ts';
import { judgeByGrammars } from './judge-by-grammars.ts';

// A process of its own for each patch: what it reads is hostile, and may take all of its time and memory.
const judged = await new Promise<Judged>((resolve) => process.once('message', (sent) => resolve(sent as Judged)));
const said = await judgeByGrammars(judged);
// Whoever hears the answer ends this process, and what was compiled is kept at an orderly end only.
flushCompileCache();
process.send?.(said, () => process.disconnect());
