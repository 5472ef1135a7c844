import type { Fix, Log, ReportingDescriptor, Result, Run } from 'sarif';
import type { Edit, Observation } from '../../../events/finding.ts';

type Exported = Observation & { identity: string; is_new: boolean; state: string };
type Origin = {
  readonly version: string;
  readonly gitUrl: string;
  readonly sha: string | null;
  readonly branch: string;
};

const levels: Readonly<Record<Observation['severity'], 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  error: 'error',
  medium: 'warning',
  warn: 'warning',
  low: 'note',
  info: 'note',
};

/** Findings as a SARIF 2.1.0 log, one run a tool (docs.oasis-open.org/sarif/sarif/v2.1.0). */
export function sarifOf(findings: readonly Exported[], origin: Origin): Log {
  const tools = [...new Set(findings.map(({ tool }) => tool))];
  const runs = (tools.length > 0 ? tools : ['crafting-table']).map((tool) =>
    runOf(
      tool,
      findings.filter((finding) => finding.tool === tool),
      origin,
    ),
  );
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs };
}

function runOf(tool: string, findings: readonly Exported[], { gitUrl, sha, branch }: Origin): Run {
  const ruleIds = [...new Set(findings.map(ruleOf))];
  return {
    tool: {
      driver: {
        name: tool,
        rules: ruleIds.map((id) => descriptorOf(id, findings)),
      },
    },
    ...(sha && URL.canParse(gitUrl)
      ? { versionControlProvenance: [{ repositoryUri: gitUrl, revisionId: sha, branch }] }
      : {}),
    columnKind: 'utf16CodeUnits',
    results: findings.map((finding) => resultOf(finding, ruleIds)),
  };
}

function ruleOf({ code, kind }: Exported): string {
  return code ?? kind;
}

/** What is known of a rule: where its words are, how severe the worst of its findings is. */
function descriptorOf(id: string, findings: readonly Exported[]): ReportingDescriptor {
  const ofRule = findings.filter((finding) => ruleOf(finding) === id);
  const url = ofRule.find((finding) => finding.url !== null && URL.canParse(finding.url))?.url;
  const worst = (['error', 'warning', 'note'] as const).find((level) =>
    ofRule.some(({ severity }) => levels[severity] === level),
  );
  return {
    id,
    ...(url ? { helpUri: url } : {}),
    defaultConfiguration: { level: worst ?? 'warning' },
    properties: { tags: [...new Set(ofRule.map(({ kind }) => kind))] },
  };
}

/** The tool's own edits, one change a file. */
function fixesOf({ edits, suggested_fix }: Exported): Fix[] {
  if (edits.length === 0) return [];
  const files = [...new Set(edits.map(({ file }) => file))];
  const artifactChanges = files.map((file) => ({
    artifactLocation: { uri: relativeUri(file), uriBaseId: '%SRCROOT%' },
    replacements: edits.filter((edit) => edit.file === file).map(replacementOf),
  }));
  return [{ description: { text: suggested_fix ?? "the tool's own fix" }, artifactChanges }];
}

function replacementOf({ start, end, text }: Edit) {
  const deletedRegion =
    'offset' in start && 'offset' in end
      ? { charOffset: start.offset, charLength: end.offset - start.offset }
      : 'line' in start && 'line' in end
        ? { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column }
        : {};
  return { deletedRegion, insertedContent: { text } };
}

/** A path as a relative URI reference: `#` and `?` are part of a name, half a surrogate pair cannot be encoded. */
function relativeUri(path: string): string {
  const uri = path.toWellFormed().split('/').map(encodeURIComponent).join('/');
  // A colon in the first segment would be read as a scheme, but is encoded; two slashes at the start name a host.
  return uri.replace(/^\/+/, '');
}

function resultOf(finding: Exported, ruleIds: readonly string[]): Result {
  const {
    file,
    line,
    column,
    end_line,
    message,
    severity,
    identity,
    fingerprint,
    is_new,
    state,
    suggested_fix,
    kind,
    package: name,
    fixed_version,
  } = finding;
  const region =
    line === null
      ? {}
      : {
          region: {
            startLine: line,
            ...(column === null ? {} : { startColumn: column }),
            ...(end_line === null || end_line < line ? {} : { endLine: end_line }),
          },
        };
  const fixes = fixesOf(finding);
  return {
    ruleId: ruleOf(finding),
    ruleIndex: ruleIds.indexOf(ruleOf(finding)),
    level: levels[severity],
    message: { text: message || ruleOf(finding) },
    locations:
      file === null
        ? []
        : [{ physicalLocation: { artifactLocation: { uri: relativeUri(file), uriBaseId: '%SRCROOT%' }, ...region } }],
    partialFingerprints: { 'craftingTable/v1': identity, 'craftingTableLine/v1': fingerprint },
    ...(fixes.length > 0 ? { fixes } : {}),
    baselineState: is_new ? 'new' : 'unchanged',
    ...(state === 'suppressed' ? { suppressions: [{ kind: 'external', status: 'accepted' }] } : {}),
    properties: { kind, severity, suggested_fix, package: name, fixed_version },
  };
}
