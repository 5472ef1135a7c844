import { setTimeout as wait } from 'node:timers/promises';
import type { PatchDoc } from '../projections/patches/patch-document.ts';
import { grammarNames } from '../services/floor/text/syntax-tree.ts';
import { openGrammars } from '../services/io/syntax/grammars.ts';
import { judgePatch } from '../services/patcher/rules/policy/judge-patch.ts';
import { situations } from '../test/support/patch-corpus.ts';
import { askFor } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';
import { manyFindings, oneFolders, type ProposalFarm, type Proposed, withProposalFarm } from './proposal-farm.ts';

const warmUp = 2;
const groups = 3;
const gateRounds = 5;
const secret = 'webhook-secret-0123456789';

/**
 * A proposal from its POST until the pull request is open, over a forge and an agent that answer at once, in turn with the
 * plain lint job of the same project; and how many patches the policy judges in a second.
 */
export async function run(): Promise<Figure[]> {
  return [...(await withProposalFarm(measureProposals)), ...(await measureGate())];
}

async function measureProposals(scene: ProposalFarm): Promise<Figure[]> {
  const plain: number[] = [];
  const byTool: Proposed[] = [];
  const byAgent: Proposed[] = [];
  const calls: number[] = [];
  const gitCalls: number[] = [];
  for (let n = 0; n < oneFolders; n += 1) {
    const linted = await scene.lint(`one-${n}`, { path: `one-${n}` });
    const before = { ...scene.parts.forge.calls };
    const tool = await scene.propose(linted, 'no-bad');
    await merge(tool.patch, scene);
    const [api, git] = callsSince(before, scene);
    const agent = await scene.propose(linted, 'no-worse');
    if (n < warmUp) continue;
    plain.push(linted.ms);
    byTool.push(tool);
    byAgent.push(agent);
    calls.push(api);
    gitCalls.push(git);
  }
  print('by a tool', byTool);
  print('by an agent', byAgent);
  const beyond = (proposals: readonly Proposed[]) => median(proposals.map((one) => one.beyond));
  const draft = (proposals: readonly Proposed[]) => median(proposals.map((one) => one.draft));
  const jobMs = median(plain);
  return [
    {
      what: 'proposal by tool_edit, beyond its verify job, p50',
      unit: 'ms',
      ours: beyond(byTool),
      limit: null,
      target: { atMost: 300 },
    },
    {
      what: 'proposal by tool_edit, POST until the pull request is open, against a plain job',
      unit: 'ms',
      ours: median(byTool.map(({ ms }) => ms)),
      limit: jobMs,
      target: null,
    },
    {
      what: 'verify job of a proposal, against a plain job',
      unit: 'ms',
      ours: median(byTool.map(({ verify }) => verify)),
      limit: jobMs,
      target: null,
    },
    {
      what: "calls of the forge's API in the life of a proposal, until it is merged",
      unit: 'calls',
      ours: Math.max(...calls),
      limit: null,
      target: { atMost: 4 },
    },
    {
      what: 'git requests in the life of a proposal',
      unit: 'calls',
      ours: Math.max(...gitCalls),
      limit: null,
      target: null,
    },
    {
      what: 'draft by an agent that answers at once, against one by tool_edit',
      unit: 'ms',
      ours: draft(byAgent),
      limit: draft(byTool),
      target: null,
    },
    ...(await measureGroups(scene)),
  ];
}

/** 200 findings in 20 files, mended by one proposal. */
async function measureGroups(scene: ProposalFarm): Promise<Figure[]> {
  const plain: number[] = [];
  const grouped: Proposed[] = [];
  for (let n = 0; n < groups; n += 1) {
    const linted = await scene.lint(`many-${n}`, { path: 'many', group: true });
    const proposed = await scene.propose(linted, 'no-bad');
    if (proposed.patch.targets.length !== manyFindings)
      throw new Error(`${proposed.patch.targets.length} findings were mended together, not ${manyFindings}`);
    plain.push(linted.ms);
    grouped.push(proposed);
  }
  print(`${manyFindings} findings together`, grouped);
  const figure = (what: string, ours: number, limit: number | null = null): Figure => ({
    what: `${manyFindings} findings grouped, ${what}`,
    unit: 'ms',
    ours,
    limit,
    target: null,
  });
  return [
    figure('drafted and judged', median(grouped.map(({ draft }) => draft))),
    figure('verified, against a plain job', median(grouped.map(({ verify }) => verify)), median(plain)),
    figure('pushed and opened', median(grouped.map(({ push, open }) => push + open))),
  ];
}

/** What people do with it; over when the farm knows, which the forge tells it. */
async function merge({ id, pr_number }: PatchDoc, { farm, parts }: ProposalFarm): Promise<void> {
  const number = pr_number ?? 0;
  parts.forge.merge(number);
  await parts.forge.webhook(`${farm.url}/forge/webhook`, {
    forge: 'gitea',
    secret,
    event: 'pull_request',
    action: 'closed',
    number,
  });
  for (;;) {
    const { attempt } = await askFor<{ attempt: PatchDoc }>(farm, 'GET', `/patches/${id}`);
    if (attempt.status === 'merged') break;
    await wait(10);
  }
  // A merge asks for a new run, which must not stand in the way of what is measured next.
  while (Object.keys((await askFor<{ jobs: object }>(farm, 'GET', '/healthz')).jobs).length > 0) await wait(10);
}

/** Calls of the API, and requests of git. */
function callsSince(before: Readonly<Record<string, number>>, { parts }: ProposalFarm): [number, number] {
  const sum = (kind: string) =>
    Object.entries(parts.forge.calls)
      .filter(([key]) => key.startsWith(`${kind} `))
      .reduce((total, [key, count]) => total + count - (before[key] ?? 0), 0);
  return [sum('gitea'), sum('git')];
}

function print(what: string, proposals: readonly Proposed[]): void {
  const of = (pick: (one: Proposed) => number) => median(proposals.map(pick)).toFixed(0);
  console.log(
    `proposal ${what}: ${of(({ ms }) => ms)} ms = draft ${of(({ draft }) => draft)} + verify ${of(({ verify }) => verify)} + push ${of(({ push }) => push)} + pull request ${of(({ open }) => open)} (medians)`,
  );
}

/** All patches of the corpus through the policy, in turn with reading the same patches as JSON. */
async function measureGate(): Promise<Figure[]> {
  const parse = await openGrammars(grammarNames);
  const corpus = [...situations('cheating'), ...situations('honest')].map(({ judged }) => judged);
  const texts = corpus.map((judged) => JSON.stringify(judged));
  const ours: number[] = [];
  const limit: number[] = [];
  for (let round = 0; round < gateRounds; round += 1) {
    const begin = performance.now();
    for (const judged of corpus) judgePatch(judged, parse);
    const middle = performance.now();
    for (const text of texts) JSON.parse(text);
    ours.push((corpus.length * 1000) / (middle - begin));
    limit.push((corpus.length * 1000) / (performance.now() - middle));
  }
  return [
    {
      what: `patches judged by the policy, a corpus of ${corpus.length}, against JSON.parse of them`,
      unit: 'patches/s',
      ours: median(ours),
      limit: median(limit),
      target: null,
    },
  ];
}

if (import.meta.main) await printed(run);
