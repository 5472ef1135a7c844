import type { Evidence, PatchDraftedData, ProposedBottle } from '../../../../events/patches/patch.ts';
import { code, quoted } from '../../../floor/text/escape-text.ts';
import { evidenceSection, warningsOf } from './evidence-section.ts';
import { type ProvenanceFacts, provenanceFooter, type TextFinding } from './provenance-footer.ts';
import { pullRequestTitle } from './pull-request-title.ts';

/** All that a pull request says. */
export type PullRequestFacts = ProvenanceFacts & {
  readonly draft: Pick<PatchDraftedData, 'method' | 'explanation' | 'confidence' | 'cost' | 'files'>;
  readonly evidence: Evidence;
  /** What was asked of an agent, where no finding is mended. */
  readonly bottle?: ProposedBottle | null;
  /** The signed statement of the proof; null before there is one. */
  readonly statement: { readonly digest: string; readonly keyId: string } | null;
};

const shownFindings = 15;
const shownFiles = 25;
const longestExplanation = 3000;

const methodWords = {
  tool_edit: 'The edit is the one that the tool itself offers; no model was asked.',
  bump: "The version was changed with the ecosystem's own means; no model was asked.",
  agent: 'The change was drafted by an agent and is to be read like that of a stranger.',
  bottle: 'The change was made by an agent at work in a bottle, and is to be read like that of a stranger.',
  given: 'The change was brought by whoever asked for the attempt and is to be read like that of a stranger.',
} as const;

/** The title (at most 100 characters) and the body (at most 60,000, the provenance footer at its end) of a pull request. */
export function pullRequestText(facts: PullRequestFacts): { title: string; body: string } {
  const warnings = warningsOf(facts.evidence);
  const body = [
    ...(warnings.length === 0 ? [] : [warnings.map((one) => `> **Note:** ${one}`).join('\n>\n')]),
    whatAndWhy(facts),
    ...(facts.bottle ? [] : [findingSection(facts.findings)]),
    evidenceSection(facts),
    methodSection(facts),
    ...statementSection(facts),
    refusalSection(facts.patchId),
    provenanceFooter(facts),
  ];
  return { title: pullRequestTitle(facts), body: `${body.join('\n\n')}\n` };
}

function whatAndWhy(facts: PullRequestFacts): string {
  return facts.bottle ? whatAnAgentDid(facts.bottle, facts) : whatIsMended(facts);
}

/** The agent's own words are quoted: a number in them closes no issue, ours does. */
function whatAnAgentDid({ issue, summary }: ProposedBottle, { project, recipe }: PullRequestFacts): string {
  const about = issue === null ? '' : `Closes #${issue}.\n\n`;
  const opening = `${about}An agent worked on this in ${code(project)}. Its change is proven by the recipe ${code(recipe)}: nothing that passed on the base commit fails with it.`;
  return summary.trim() === '' ? opening : `${opening} It says:\n\n${quoted(summary, longestExplanation)}`;
}

function whatIsMended({ draft, findings, project }: PullRequestFacts): string {
  const count = findings.length === 1 ? 'one finding' : `${findings.length} findings`;
  const opening = `This mends ${count} in ${code(project)}, and is proven by the recipe that saw ${findings.length === 1 ? 'it' : 'them'}.`;
  if (draft.explanation.trim() === '') return opening;
  return `${opening} Its author explains:\n\n${quoted(draft.explanation, longestExplanation)}`;
}

function findingSection(findings: readonly TextFinding[]): string {
  const rows = findings.slice(0, shownFindings).map(findingRow);
  const more = findings.length - rows.length;
  return [
    findings.length === 1 ? '## The finding' : `## The ${findings.length} findings`,
    '',
    '| tool | code | severity | where | what it says |',
    '|---|---|---|---|---|',
    ...rows,
    ...(more > 0 ? ['', `${more} more are not shown.`] : []),
  ].join('\n');
}

function findingRow(finding: TextFinding): string {
  const { file, line, installed_version: installed, fixed_version: fixed } = finding;
  const place = file === null ? null : `${file}${line === null ? '' : `:${line}`}`;
  const versions =
    finding.package === null ? '' : `; ${code(finding.package)} ${code(installed, 64)}, fixed in ${code(fixed, 64)}`;
  const more = finding.url === null ? '' : `; see ${code(finding.url, 300)}`;
  const cells = [
    code(finding.tool, 64),
    code(finding.code, 100),
    finding.severity,
    code(place, 200),
    `${code(finding.message, 300)}${versions}${more}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function methodSection({ draft, agent }: PullRequestFacts): string {
  const { method, confidence, cost, files } = draft;
  const spent = [
    agent && `author ${code(agent.adapter, 32)}, model ${code(agent.model ?? 'not named', 128)}`,
    confidence === null ? null : `confidence ${Math.round(confidence * 100)} %`,
    cost.turns === 0 ? null : `turns ${cost.turns}`,
    cost.input_tokens === null ? null : `tokens read ${cost.input_tokens}`,
    cost.output_tokens === null ? null : `tokens written ${cost.output_tokens}`,
    cost.usd === null ? null : `cost ${cost.usd.toFixed(4)} USD`,
  ].filter((part) => part !== null);
  const shown = files.slice(0, shownFiles);
  const rows = shown.map(
    (file) => `| ${code(file.path, 200)} | ${code(file.status)} | ${file.added} | ${file.removed} |`,
  );
  return [
    '## How it was made',
    '',
    `${methodWords[method]}${spent.length === 0 ? '' : ` What is known of it: ${spent.join('; ')}.`}`,
    '',
    '| file | change | lines added | lines removed |',
    '|---|---|---|---|',
    ...rows,
    ...(files.length > shown.length ? ['', `${files.length - shown.length} more are not shown.`] : []),
  ].join('\n');
}

function statementSection({ statement, patchId, farm }: PullRequestFacts): string[] {
  if (statement === null) return [];
  const path = `/patches/${patchId}/statement`;
  const url = farm.url === null ? null : URL.parse(`${farm.url.replace(/\/+$/, '')}${path}`);
  const where = url === null ? code(`GET ${path}`) : `[${code(path)}](<${url.href}>)`;
  return [
    [
      '## The signed statement',
      '',
      `All of this is stated and signed (in-toto, DSSE, ed25519): ${where}, sha256 ${code(statement.digest)}, key ${code(statement.keyId)}.`,
      `${code(`crafting-table verify-proof ${patchId}`)} checks it; with ${code('--rerun')} it proves it again on a machine of your own.`,
    ].join('\n'),
  ];
}

function refusalSection(patchId: string): string {
  return [
    '## How to say no',
    '',
    'Close this pull request: what it mends is not proposed again, also when lines move or files are renamed.',
    `${code(`POST /patches/${patchId}/reconsider`)} lifts that. Push to the branch and it is yours: it is left alone then.`,
  ].join('\n');
}
