import { recipeNames } from '../../../../events/fields.ts';
import { append, type FleetFinding, type FleetLog, type FleetState, runSlot } from './fleet-history.ts';
import { mendable, patchEnds, tellAttempt } from './fleet-patches.ts';
import { type FleetProject, fleetProject, fleetTeams } from './fleet-project.ts';

const dayMs = 86_400_000;
/** Projects whose histories are told at the same time. */
const together = 24;
/** So many jobs make a history that one can look around in, and that a minute suffices for. */
const wantedJobs = 2_400;

type Telling = FleetLog & {
  /** Moves the moment of the history. */
  readonly goTo: (ms: number) => void;
  readonly say: (line: string) => void;
};

/** How long a night lasts, and when people come after its begin, in ms. */
export const nightLasts = 3_000_000;
const lookedAfterMs = 3_300_000;
const hourMs = 3_600_000;

/** The last night before a moment: its hour in the schedules (UTC), and when its runs begin, after the last time of a schedule. */
type Night = { readonly hour: number; readonly beginsMs: number };

/** A night that is over at a moment, with no time of a schedule between the two: of two in a day, one always is. */
export function nightBefore(ms: number): Night {
  const [first, second] = [2, 14].map((hour) => {
    const begins = (hour + 4 / 3) * hourMs;
    const over = ms - begins - lookedAfterMs - 300_000;
    return { hour, beginsMs: Math.floor(over / dayMs) * dayMs + begins };
  }) as [Night, Night];
  return ms - first.beginsMs < dayMs - 1.25 * hourMs ? first : second;
}

type FleetSize = { readonly projects: number; readonly rounds: number; readonly hour: number };

/** How many rounds of runs a fleet of that size has: fewer, the larger it is. */
export function roundsOf(projects: number): number {
  return Math.min(14, Math.max(3, Math.ceil(wantedJobs / (projects * 3))));
}

/** Projects of a fleet of that size, before anything is told of them. */
export function fleetOf({ projects, rounds, hour }: FleetSize, gitUrl: string): FleetProject[] {
  return Array.from({ length: projects }, (_, n) => fleetProject(n, { rounds, gitUrl, hour }));
}

/**
 * Tells the history of a made-up fleet into an empty log: the events that a farm would have appended, by the same rules. It ends
 * in the night that is told, one round of nightly runs every other day.
 */
export async function tellFleet(
  fleet: readonly FleetProject[],
  { rounds, night }: { rounds: number; night: Night },
  deps: Telling,
): Promise<void> {
  const step = 2 * dayMs;
  const states = fleet.map((project): FleetState => {
    return { project, known: new Map(), proven: new Map(), jobs: new Map() };
  });
  const lastNight = night.beginsMs;
  deps.goTo(lastNight - rounds * step);
  for (const team of fleetTeams)
    await append(deps, { type: 'TeamCreated', id: team, data: { team, title: `Team ${team}`, by: 'admin' } });
  await inLanes(states, async ({ project: { document } }) => {
    await append(deps, { type: 'ProjectRegistered', id: document.name, data: document });
  });
  const enabled = states.filter(({ project }) => project.document.enabled);
  for (let round = 0; round < rounds; round += 1) {
    deps.goTo(lastNight - (rounds - 1 - round) * step);
    deps.say(`Night ${round + 1} of ${rounds}: ${enabled.length} projects`);
    await inLanes(enabled, async (state) => {
      for (const recipe of recipeNames)
        if (state.project.ecosystem.commands[recipe] !== undefined) await runSlot(state, recipe, round, deps);
    });
  }
  deps.goTo(lastNight + lookedAfterMs);
  const patched = enabled.filter((state) => openIn(state).some(mendable));
  await inLanes(enabled, (state, at) => lookThrough(state, { at, patched: patched.indexOf(state) }, deps));
}

/** What people and the patch loop did with the findings of the last night. */
async function lookThrough(
  state: FleetState,
  { at, patched }: { at: number; patched: number },
  deps: Telling,
): Promise<void> {
  const { name } = state.project.document;
  const open = openIn(state);
  const first = open.find(mendable);
  const [second, third] = open.filter((one) => one !== first);
  const end = patchEnds[patched % patchEnds.length];
  if (first && end) await tellAttempt(state, { finding: first, end, number: at + 1 }, deps);
  if (second && at % 3 === 0) await decide(second, name, deps);
  if (third && at % 5 === 0)
    await append(deps, {
      type: 'FindingAssigned',
      id: third.identity,
      data: { identity: third.identity, project: name, by: 'ann', assignee: 'bob', before: null },
    });
}

const openIn = ({ known }: FleetState) => [...known.values()].filter(({ state: now }) => now === 'open');

async function decide({ identity }: FleetFinding, project: string, deps: Telling): Promise<void> {
  const until = new Date(deps.now() + 30 * dayMs).toISOString();
  const reason = 'We know, and live with it until the next release.';
  await append(deps, {
    type: 'FindingSuppressed',
    id: identity,
    data: { identity, project, by: 'ann', reason, until },
  });
}

async function inLanes<T>(items: readonly T[], work: (item: T, at: number) => Promise<void>): Promise<void> {
  const waiting = [...items.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: together }, lane));
}
