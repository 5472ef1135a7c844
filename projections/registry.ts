import type { Projection } from './define.ts';
import { digests } from './digests/digests.ts';
import { findings } from './findings/findings.ts';
import { occurrences } from './findings/occurrences.ts';
import { trends } from './findings/trends.ts';
import { coverage } from './jobs/coverage.ts';
import { jobs } from './jobs/jobs.ts';
import { recipeRuns } from './jobs/recipe-runs.ts';
import { retries } from './jobs/retries.ts';
import { schedules } from './jobs/schedules.ts';
import { testRuns } from './jobs/test-runs.ts';
import { notices } from './notices/notices.ts';
import { patches } from './patches/patches.ts';
import { proofs } from './patches/proofs.ts';
import { audit } from './people/audit.ts';
import { filters } from './people/filters.ts';
import { grants } from './people/grants.ts';
import { guests } from './people/guests.ts';
import { signingKeys } from './people/signing-keys.ts';
import { teams } from './people/teams.ts';
import { tokens } from './people/tokens.ts';
import { projects } from './projects/projects.ts';
import { recipeSources } from './projects/recipe-sources.ts';
import { secrets } from './projects/secrets.ts';
import { bottles } from './work/bottles.ts';
import { spending } from './work/spending.ts';
import { works } from './work/works.ts';

/** Every read model, alphabetically. */
export const projections: readonly Projection[] = [
  audit,
  bottles,
  coverage,
  digests,
  filters,
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
