import type { Observation, Severity } from '../../../../events/finding.ts';
import { type PatchMethod, patchMethods } from '../../../../events/projects/project.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';

/** Findings that one proposal may take together. */
const largestGroup = 200;

/** What is known of a finding that may be mended. */
export type Candidate = Pick<
  Observation,
  'kind' | 'severity' | 'tool' | 'code' | 'file' | 'line' | 'fixed_version' | 'edits' | 'package'
> & {
  readonly id: number;
  readonly identity: string;
  readonly state: string;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
};

export type PatchPlan = {
  readonly kinds: readonly string[];
  readonly methods: readonly PatchMethod[];
  readonly group: boolean;
  /** Methods that are configured here, and what is missing for the others. */
  readonly available: ReadonlyMap<PatchMethod, true | string>;
  readonly maxAttempts: number;
};

/** What an identity has been through in the patch loop. */
type Standing = {
  readonly attempts: number;
  readonly active: unknown;
  readonly refused: unknown;
  /** A pull request for it was merged, and no run on the default branch has begun since then. */
  readonly isMerged?: boolean;
};

type Verdict =
  | { readonly actionable: true; readonly methods: PatchMethod[] }
  | { readonly actionable: false; readonly reason: string; readonly why: string };

/** Whether a finding can be mended at all, and by which methods, cheapest first. */
export function judgeCandidate(finding: Candidate, plan: PatchPlan, standing: Standing): Verdict {
  const not = (reason: string, why: string): Verdict => ({ actionable: false, reason, why });
  if (finding.state !== 'open') return not('not_open', `It is ${finding.state.replace('_', ' ')}, not open.`);
  const unfit = whyUnfit(finding, plan);
  if (unfit) return not('not_actionable', unfit);
  if (standing.refused)
    return not(
      'refused',
      'A pull request for it was closed without being merged. POST /patches/{id}/reconsider lifts that.',
    );
  if (standing.active) return not('active', 'There is an open proposal for it already.');
  if (standing.isMerged) return not('merged', 'A pull request for it was merged; the next run shows what came of it.');
  if (standing.attempts >= plan.maxAttempts)
    return not(
      'attempts_exhausted',
      `It was tried ${standing.attempts} times, which is the most (CRAFTING_PATCHER_MAX_ATTEMPTS).`,
    );
  const fitting = methodsFor(finding).filter((method) => plan.methods.includes(method));
  const methods = fitting.filter((method) => plan.available.get(method) === true);
  if (methods.length > 0) return { actionable: true, methods };
  const [missing] = fitting.map((method) => plan.available.get(method)).filter((one) => typeof one === 'string');
  return not('no_method', missing ?? 'No method that this project allows fits it.');
}

/** Why findings of this kind are no matter for patches of a project, or null. */
export function whyUnfit(
  { kind, file, line, fixed_version, package: name }: Candidate,
  { kinds }: PatchPlan,
): string | null {
  if (kind === 'recipe_fail') return 'A failing recipe says nothing that could be mended.';
  if (!kinds.includes(kind)) return `Findings of kind ${kind} are not patched in this project (patch.kinds).`;
  if (kind === 'lint' && (file === null || line === null)) return 'It names no file and line.';
  if (kind === 'cve' && (fixed_version === null || name === null)) return 'No version is known in which it is fixed.';
  return null;
}

function methodsFor({ kind, edits, tool }: Candidate): PatchMethod[] {
  if (kind === 'cve') return ['bump', 'agent', 'bottle'];
  const byTool = edits.some(({ safe }) => safe) || toolNamed(tool)?.fix?.how === 'rerun';
  return kind === 'lint' && byTool ? ['tool_edit', 'agent', 'bottle'] : ['agent', 'bottle'];
}

const ranks: Readonly<Record<Severity, number>> = {
  critical: 0,
  high: 1,
  error: 1,
  medium: 2,
  warn: 2,
  low: 3,
  info: 4,
};

export type Choice = {
  readonly lead: Candidate;
  readonly members: readonly Candidate[];
  readonly methods: PatchMethod[];
};

/**
 * The proposals to make of these findings, best first: severity, then the cheapest method, then age. Grouped when the
 * project asks for that: same rule, same first method, one subproject and recipe.
 */
export function choosePatches(
  findings: readonly Candidate[],
  plan: PatchPlan,
  standingOf: (identity: string) => Standing,
): Choice[] {
  const fit = findings.flatMap((finding) => {
    const verdict = judgeCandidate(finding, plan, standingOf(finding.identity));
    return verdict.actionable ? [{ finding, methods: verdict.methods }] : [];
  });
  const cost = ([first]: readonly PatchMethod[]) => patchMethods.indexOf(first ?? 'agent');
  fit.sort(
    (a, b) =>
      ranks[a.finding.severity] - ranks[b.finding.severity] ||
      cost(a.methods) - cost(b.methods) ||
      a.finding.id - b.finding.id,
  );
  const taken = new Set<string>();
  return fit.flatMap(({ finding, methods }) => {
    if (taken.has(finding.identity)) return [];
    const sameRule = (one: { finding: Candidate; methods: PatchMethod[] }) =>
      !taken.has(one.finding.identity) && keyOf(one.finding, one.methods) === keyOf(finding, methods);
    const members = isGrouped(finding, plan)
      ? fit
          .filter(sameRule)
          .slice(0, largestGroup)
          .map((one) => one.finding)
      : [finding];
    for (const { identity } of members) taken.add(identity);
    return [{ lead: finding, members: [finding, ...members.filter((one) => one !== finding)], methods }];
  });
}

/** All advisories of one package are one bump in any case: the smallest version that mends one may not mend the others. */
function isGrouped({ kind }: Candidate, { group }: PatchPlan): boolean {
  return group || kind === 'cve';
}

function keyOf(
  { kind, tool, code, subproject, recipe, package: name, file }: Candidate,
  methods: readonly PatchMethod[],
) {
  const rule = kind === 'cve' ? [name, file] : [code];
  return JSON.stringify([kind, tool, rule, subproject, recipe, methods[0]]);
}
