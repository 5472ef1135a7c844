import type { Observation } from '../../events/finding.ts';

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
export function sarifOf(findings: readonly Exported[], origin: Origin) {
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

function runOf(tool: string, findings: readonly Exported[], { gitUrl, sha, branch }: Origin) {
  const ruleIds = [...new Set(findings.map(ruleOf))];
  return {
    tool: {
      driver: {
        name: tool,
        rules: ruleIds.map((id) => ({ id, ...helpOf(findings.find((finding) => ruleOf(finding) === id)) })),
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

function helpOf(finding: Exported | undefined) {
  return finding?.url && URL.canParse(finding.url) ? { helpUri: finding.url } : {};
}

/** A path as a relative URI reference: `#` and `?` are part of a name, half a surrogate pair cannot be encoded. */
function relativeUri(path: string): string {
  const uri = path.toWellFormed().split('/').map(encodeURIComponent).join('/');
  // A colon in the first segment would be read as a scheme, but is encoded; two slashes at the start name a host.
  return uri.replace(/^\/+/, '');
}

function resultOf(finding: Exported, ruleIds: readonly string[]) {
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
    baselineState: is_new ? 'new' : 'unchanged',
    ...(state === 'suppressed' ? { suppressions: [{ kind: 'external', status: 'accepted' }] } : {}),
    properties: { kind, severity, suggested_fix, package: name, fixed_version },
  };
}
