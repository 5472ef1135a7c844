import type { Severity } from '../events/finding.ts';
import type { Draft, Machine, Parser, Run } from './define.ts';
import { advisorySeverity, bump } from './engine/advisory.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, texts } from './engine/json-value.ts';

const lintSeverities: Readonly<Record<string, Severity>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warn',
  LOW: 'info',
};
const fatal = /(?:^|\s)FATAL\s(?:\[[^\]]{0,60}\]\s)?(?:Fatal error\s)?(.{1,1000})$/;

/** `trivy --format json`: schema 1 (a bare list) and 2, and `trivy k8s`. What a secret scan matched is never repeated. */
export const trivy: Parser = {
  name: 'trivy',
  recipes: ['audit'],
  json: {
    is: (value) => listWith(value, isResult) || isReport(value),
    cut: ['"Target":'],
    elements: true,
  },
  cues: ['FATAL', 'null'],
  start,
};

function isResult(item: Fields): boolean {
  return typeof item.Target === 'string' && ('Vulnerabilities' in item || 'Class' in item || 'Type' in item);
}

function isReport(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  if ('ClusterName' in value)
    return Array.isArray(value.Resources) || 'Vulnerabilities' in value || 'Misconfigurations' in value;
  return (
    listWith(value.Results, isResult) ||
    (typeof value.SchemaVersion === 'number' &&
      ('ArtifactName' in value || 'ArtifactType' in value || 'Results' in value))
  );
}

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      const inCluster = isFields(value) && 'ClusterName' in value;
      for (const item of resultsOf(value)) result(item, inCluster);
    },
    line(line) {
      if (line === 'null' && run.runs()) {
        documents += 1;
        run.saw();
        return 'yes';
      }
      const words = run.runs() ? fatal.exec(line.slice(0, 3000))?.[1] : undefined;
      if (words === undefined) return 'no';
      run.crashed(words.trim());
      return 'yes';
    },
    end: () => documents > 0,
  };

  function result(item: Fields, inCluster: boolean) {
    const target = textOf(item.Target) ?? '';
    // An image and its system, as in `app (debian 10.4)`, is no file, nor is a resource of a cluster.
    const file = inCluster || item.Class === 'os-pkgs' || /\)$/.test(target) ? null : target;
    for (const one of list(item.Vulnerabilities).map(fields)) run.report(vulnerability(one, file));
    for (const one of list(item.Misconfigurations).map(fields)) {
      if (one.Status === undefined || one.Status === 'FAIL')
        run.report(misconfiguration(one, file, inCluster ? `${target}: ` : ''));
    }
    for (const one of list(item.Secrets).map(fields)) run.report(secret(one, file));
    for (const one of list(item.Licenses).map(fields)) run.report(license(one));
  }
}

/** In `trivy k8s` results are nested in resources; before 0.32 those stood under what was found. */
function resultsOf(value: unknown): Fields[] {
  if (Array.isArray(value)) return value.map(fields);
  const { Results, Resources, Vulnerabilities, Misconfigurations } = fields(value);
  const resources = [Resources, Vulnerabilities, Misconfigurations].flatMap((all) => list(all).map(fields));
  return [...list(Results), ...resources.flatMap((one) => list(one.Results))].map(fields);
}

function vulnerability(one: Fields, file: string | null): Draft {
  const word = textOf(one.Severity);
  const ratings = Object.values(fields(one.CVSS)).map(fields);
  const [name, fixed] = [textOf(one.PkgName), textOf(one.FixedVersion)];
  return {
    kind: 'cve',
    severity: advisorySeverity({
      word,
      vectors: ratings.flatMap((rating) =>
        [rating.V40Vector, rating.V3Vector, rating.V2Vector].map((it) => textOf(it) ?? ''),
      ),
    }),
    tool_severity: word,
    code: textOf(one.VulnerabilityID),
    file: textOf(one.PkgPath) ?? file,
    message: textOf(one.Title) ?? textOf(one.Description) ?? textOf(one.VulnerabilityID) ?? '',
    package: name,
    installed_version: textOf(one.InstalledVersion),
    fixed_version: fixed,
    aliases: texts(one.VendorIDs),
    url: textOf(one.PrimaryURL) ?? texts(one.References)[0] ?? null,
    ...bump(name, fixed?.split(',')[0]?.trim() ?? null),
    raw: { ...one, Description: undefined, References: undefined },
  };
}

function misconfiguration(one: Fields, file: string | null, where: string): Draft {
  const cause = fields(one.CauseMetadata);
  return {
    ...lint(one, file),
    code: textOf(one.ID) ?? textOf(one.AVDID),
    line: numberOf(cause.StartLine),
    end_line: numberOf(cause.EndLine),
    message: `${where}${textOf(one.Message) ?? textOf(one.Title) ?? ''}`,
    suggested_fix: textOf(one.Resolution),
    url: textOf(one.PrimaryURL),
    raw: { ...one, CauseMetadata: undefined, References: undefined },
  };
}

function secret(one: Fields, file: string | null): Draft {
  const { RuleID, Category, Severity, Title, StartLine, EndLine } = one;
  return {
    ...lint(one, file),
    code: textOf(RuleID),
    line: numberOf(StartLine),
    end_line: numberOf(EndLine),
    message: textOf(Title) ?? textOf(RuleID) ?? 'a secret',
    raw: { RuleID, Category, Severity, Title, StartLine, EndLine },
  };
}

function license(one: Fields): Draft {
  const [name, owner] = [textOf(one.Name), textOf(one.PkgName)];
  const message = `${owner ?? textOf(one.FilePath) ?? 'a file'} is under ${name ?? 'an unknown licence'} (${textOf(one.Category) ?? 'unknown'})`;
  return {
    ...lint(one, textOf(one.FilePath)),
    code: name,
    package: owner,
    message,
    raw: { ...one, Text: undefined },
  };
}

function lint(one: Fields, file: string | null): Pick<Draft, 'kind' | 'severity' | 'tool_severity' | 'file'> {
  const word = textOf(one.Severity);
  return { kind: 'lint', severity: lintSeverities[word ?? ''] ?? 'warn', tool_severity: word, file };
}
