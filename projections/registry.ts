import type { Projection } from './define.ts';
import { findings } from './findings.ts';
import { jobs } from './jobs.ts';
import { occurrences } from './occurrences.ts';
import { patches } from './patches.ts';
import { projects } from './projects.ts';
import { proofs } from './proofs.ts';
import { tokens } from './tokens.ts';
import { trends } from './trends.ts';

/** Every read model, alphabetically. */
export const projections: readonly Projection[] = [
  findings,
  jobs,
  occurrences,
  patches,
  projects,
  proofs,
  tokens,
  trends,
];
