import { audit } from './audit.ts';
import { bottles } from './bottles.ts';
import { coverage } from './coverage.ts';
import type { Projection } from './define.ts';
import { digests } from './digests.ts';
import { findings } from './findings.ts';
import { grants } from './grants.ts';
import { guests } from './guests.ts';
import { jobs } from './jobs.ts';
import { notices } from './notices.ts';
import { occurrences } from './occurrences.ts';
import { patches } from './patches.ts';
import { projects } from './projects.ts';
import { proofs } from './proofs.ts';
import { recipeRuns } from './recipe-runs.ts';
import { recipeSources } from './recipe-sources.ts';
import { retries } from './retries.ts';
import { schedules } from './schedules.ts';
import { secrets } from './secrets.ts';
import { signingKeys } from './signing-keys.ts';
import { spending } from './spending.ts';
import { teams } from './teams.ts';
import { testRuns } from './test-runs.ts';
import { tokens } from './tokens.ts';
import { trends } from './trends.ts';
import { works } from './works.ts';

/** Every read model, alphabetically. */
export const projections: readonly Projection[] = [
  audit,
  bottles,
  coverage,
  digests,
  findings,
  grants,
  guests,
  jobs,
  notices,
  occurrences,
  patches,
  projects,
  proofs,
  recipeRuns,
  recipeSources,
  retries,
  schedules,
  secrets,
  signingKeys,
  spending,
  teams,
  testRuns,
  tokens,
  trends,
  works,
];
