import { recipeNames } from '../../../../events/fields.ts';
import type { ProjectDocument } from '../../../../events/projects/project.ts';
import { projectDocument } from '../../../projects/rules/project-document.ts';
import { type Defect, type Ecosystem, ecosystems, printed } from './fleet-ecosystems.ts';

export const fleetTeams = ['payments', 'search', 'platform', 'mobile', 'data'] as const;
const nouns = ['cart', 'ledger', 'index', 'gateway', 'mailer', 'catalog', 'planner', 'courier', 'archive', 'beacon'];
const kinds = ['api', 'web', 'worker', 'sdk'];
const defectsOf = { lint: 9, test: 4, audit: 3, build: 0 } as const;
const linesPerFile = 40;

/** When a defect stands: from one round until before another; both are numbers of rounds. */
export type Standing = Defect & { readonly from: number; readonly until: number };

/** A made-up project: its document, and how its defects come and go. */
export type FleetProject = {
  readonly document: ProjectDocument;
  /** The folder of the repository that is its subproject. */
  readonly path: string;
  readonly ecosystem: Ecosystem;
  readonly standings: readonly Standing[];
  readonly rounds: number;
};

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The n-th project of a fleet over so many rounds; the same one each time. */
export function fleetProject(
  n: number,
  { rounds, gitUrl, hour }: { rounds: number; gitUrl: string; hour: number },
): FleetProject {
  const random = randomOf(n + 1);
  const below = (limit: number) => Math.floor(random() * limit);
  const noun = nouns[n % nouns.length] ?? 'thing';
  const kind = kinds[Math.floor(n / nouns.length) % kinds.length] ?? 'app';
  const turn = Math.floor(n / (nouns.length * kinds.length));
  const name = `${noun}-${kind}${turn === 0 ? '' : `-${turn + 1}`}`;
  const ecosystem = ecosystems[n % ecosystems.length] as Ecosystem;
  const path = `services/${name}`;
  const owner = fleetTeams[n % fleetTeams.length] ?? 'platform';
  const standings = recipeNames.flatMap((recipe) =>
    ecosystem.commands[recipe] === undefined
      ? []
      : Array.from({ length: below(defectsOf[recipe] + 1) }, (_, at): Standing => {
          const number = recipeNames.indexOf(recipe) * 100 + at;
          const place = { recipe, number, file: ecosystem.file(number), line: 1 + ((number * 7) % linesPerFile) };
          // Some were there before anybody looked, some stay, the others come and go.
          const from = below(3) === 0 ? 0 : below(rounds);
          return { ...place, from, until: below(2) === 0 ? rounds : from + 1 + below(rounds) };
        }),
  );
  const at = (hours: number, minutes: number) => `${String(hours).padStart(2, '0')}:${minutes}`;
  const times = { test: at(hour, 15), lint: at(hour, 45), audit: at(hour + 1, 15) };
  const schedule = Object.fromEntries(Object.entries(times).filter(([recipe]) => recipe in ecosystem.commands));
  const input = {
    name,
    git_url: gitUrl,
    subprojects: [{ path, language: ecosystem.language, ...ecosystem.commands, timeout_secs: 600 }],
    // What was missed while there was no farm is nobody's loss.
    schedule: { ...schedule, timezone: 'UTC', catch_up: 'none' as const, jitter_secs: 3600 },
    notify: { auto_patch: false },
    enabled: n % 29 !== 28,
    concurrency: { group: owner, group_max_running: 4 },
    ...(n % 4 === 0 ? { deadlines: { critical: 2, high: 7, error: 14 } } : {}),
    ...(n % 7 === 0 ? { patch: { approval: { hours: 720 } } } : {}),
  };
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  return { document: projectDocument(input, { owner, gitUrl, refs }), path, ecosystem, standings, rounds };
}

/** The sources of a project, below its folder. */
export const filesOf = ({ standings }: FleetProject): string[] =>
  [...new Set(standings.map(({ file }) => file))].sort();

export function aliveIn({ standings }: FleetProject, recipe: string, round: number): Defect[] {
  return standings.filter((one) => one.recipe === recipe && one.from <= round && round < one.until);
}

/** The text of each source file in a round, by its path in the repository. */
export function sourcesIn({ path, ecosystem, standings }: FleetProject, round: number): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const one of standings) {
    const at = `${path}/${one.file}`;
    const lines = files.get(at) ?? Array.from({ length: linesPerFile }, (_, line) => `// line ${line + 1}`);
    if (one.from <= round && round < one.until) lines[one.line - 1] = ecosystem.source(one);
    files.set(at, lines);
  }
  return files;
}

/** The files of the repository: sources, and a script by the name of each tool that says what that would say. */
export function filesIn(project: FleetProject, round: number): Map<string, string> {
  const files = new Map<string, string>();
  for (const [file, lines] of sourcesIn(project, round)) files.set(file, `${lines.join('\n')}\n`);
  for (const [recipe, command] of Object.entries(project.ecosystem.commands)) {
    const tool = /^\.\/(\S+)/.exec(command)?.[1] ?? recipe;
    const name = recipe as keyof typeof project.ecosystem.commands;
    const { log, exit } = printed(project.ecosystem, name, {
      alive: aliveIn(project, recipe, round),
      tree: '@TREE@',
      files: filesOf(project),
    });
    files.set(`${project.path}/.said/${recipe}`, log);
    const before = files.get(`${project.path}/${tool}`) ?? '#!/bin/sh\n';
    const [, word = ''] = /^\S+ (\S+)/.exec(command) ?? [];
    const says = `  sed "s|@TREE@|$PWD|g" .said/${recipe}; exit ${exit}`;
    files.set(
      `${project.path}/${tool}`,
      `${before}case "\${1:-}" in ${word === '' ? '*' : `'${word}'`})\n${says};;\nesac\n`,
    );
  }
  return files;
}
