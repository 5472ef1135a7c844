import type { PatchMethod } from '../../../../events/projects/project.ts';
import { escapedLine } from '../../../floor/text/escape-text.ts';
import type { TextFinding } from './provenance-footer.ts';

type TitleFacts = {
  readonly project: string;
  readonly subproject: string;
  readonly findings: readonly TextFinding[];
  readonly draft: { readonly method: PatchMethod };
  readonly bottle?: { readonly title: string } | null;
};

const longestTitle = 100;

/** What a pull request does, in plain words of at most 100 characters; fit for a commit message too. */
export function pullRequestTitle(facts: TitleFacts): string {
  return escapedLine(titleOf(facts), longestTitle);
}

function titleOf({ project, subproject, findings, draft, bottle }: TitleFacts): string {
  if (bottle) return bottle.title;
  const [first] = findings;
  if (first === undefined) return `Mend ${project}`;
  const packages = new Set(findings.map((one) => one.package));
  if (findings.every(({ kind }) => kind === 'cve') && first.package !== null && packages.size === 1)
    return advisoryTitle(first, findings, draft.method);
  if (findings.length === 1) return singleTitle(first);
  const place = subproject === '.' ? project : subproject;
  return `Fix ${findings.length} findings ${ofWhat(findings)}in ${place}`;
}

function advisoryTitle(first: TextFinding, findings: readonly TextFinding[], method: PatchMethod): string {
  const versions = new Set(findings.map(({ fixed_version }) => fixed_version));
  const others = findings.length - 1;
  const advisories = `${first.code ?? 'an advisory'}${others === 0 ? '' : ` and ${others} more`}`;
  if (method !== 'bump') return `Fix ${advisories} in ${first.package}`;
  const version =
    versions.size === 1 && first.fixed_version !== null ? ` to ${escapedLine(first.fixed_version, 20)}` : '';
  // Names may be long, and which advisory it is stands at the end.
  return `Bump ${escapedLine(first.package ?? '', 40)}${version} (${advisories})`;
}

function singleTitle({ kind, code, tool, file, message }: TextFinding): string {
  if (kind === 'test_fail') return `Fix the failing test ${code ?? message}`;
  const place = file === null ? '' : ` in ${shortPath(file)}`;
  return `Fix ${code ?? `a finding of ${tool}`}${place}: ${message}`;
}

function ofWhat(findings: readonly TextFinding[]): string {
  const codes = new Set(findings.map(({ code }) => code));
  const tools = new Set(findings.map(({ tool }) => tool));
  const [code] = codes;
  const [tool] = tools;
  if (codes.size === 1 && code) return `of ${code} `;
  return tools.size === 1 ? `of ${tool} ` : '';
}

/** The end of a long path says most. */
function shortPath(file: string): string {
  return file.length <= 48 ? file : `…${file.slice(-47)}`;
}
