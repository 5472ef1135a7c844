import type { RecipeName } from '../../../../events/fields.ts';

/** Something wrong in the sources of a made-up project: it stands in one line, and its tool tells of it while it does. */
export type Defect = {
  readonly recipe: RecipeName;
  readonly number: number;
  /** Below the subproject. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
};

type Printed = { readonly log: string; readonly exit: number };

type Ecosystem = {
  readonly language: string;
  /** How its tools are called; a script of that name lies in the repository and says what the tool would say. */
  readonly commands: Readonly<Partial<Record<RecipeName, string>>>;
  readonly file: (number: number) => string;
  /** The line in which a defect stands. */
  readonly source: (defect: Defect) => string;
  /** What the tool prints of these files; `tree` is the folder of the subproject, as the job sees it. */
  readonly print: Readonly<
    Partial<Record<RecipeName, (alive: readonly Defect[], tree: string, files: readonly string[]) => string>>
  >;
};

const pick = <T>(of: readonly T[], at: number): T => of[at % of.length] as T;

const eslintRules = ['no-unused-vars', 'eqeqeq', 'no-undef', 'prefer-const', 'no-empty'] as const;
const ruffRules = ['F401', 'F841', 'E711', 'B006', 'UP007'] as const;
const vetWords = ['unreachable code', 'self-assignment of total to total', 'result of fmt.Sprintf call not used'];
const packages = ['lodash', 'minimist', 'follow-redirects', 'semver', 'ws'] as const;
const wheels = ['jinja2', 'requests', 'urllib3', 'cryptography'] as const;
const npmSeverities = ['critical', 'high', 'moderate', 'low'] as const;

/** It names the files in which it found nothing, too. */
function eslint(alive: readonly Defect[], tree: string, all: readonly string[]): string {
  const found = Map.groupBy(alive, ({ file }) => file);
  const files = all
    .map((file) => [file, found.get(file) ?? []] as const)
    .map(([file, defects]) => ({
      filePath: `${tree}/${file}`,
      messages: defects.map(({ number, line }) => ({
        ruleId: pick(eslintRules, number),
        severity: number % 3 === 0 ? 2 : 1,
        message: `'value${number}' is not as ${pick(eslintRules, number)} wants it.`,
        line,
        column: 7,
        nodeType: 'Identifier',
      })),
      suppressedMessages: [],
      errorCount: defects.filter(({ number }) => number % 3 === 0).length,
      fatalErrorCount: 0,
      warningCount: defects.filter(({ number }) => number % 3 !== 0).length,
      fixableErrorCount: 0,
      fixableWarningCount: 0,
      usedDeprecatedRules: [],
    }));
  return `${JSON.stringify(files)}\n`;
}

function ruff(alive: readonly Defect[], tree: string): string {
  const found = alive.map(({ number, file, line }) => ({
    cell: null,
    code: pick(ruffRules, number),
    end_location: { column: 12, row: line },
    filename: `${tree}/${file}`,
    fix: null,
    location: { column: 5, row: line },
    message: `\`value_${number}\` is not as ${pick(ruffRules, number)} wants it`,
    noqa_row: line,
    url: `https://docs.astral.sh/ruff/rules/${pick(ruffRules, number).toLowerCase()}`,
  }));
  return `${JSON.stringify(found, null, 2)}\n`;
}

function nodeTest(alive: readonly Defect[]): string {
  const failing = new Set(alive.map(({ number }) => number));
  const tests = [...new Set([...failing, 901, 902, 903])].sort((a, b) => a - b);
  const lines = tests.map((number, at) => {
    const end = `  ---\n  duration_ms: ${(number % 9) + 0.4}\n`;
    if (!failing.has(number)) return `# Subtest: adds up ${number}\nok ${at + 1} - adds up ${number}\n${end}  ...`;
    const why = `  failureType: 'testCodeFailure'\n  error: 'Expected ${number} to be ${number + 1}'\n  code: 'ERR_ASSERTION'\n  ...`;
    return `# Subtest: adds up ${number}\nnot ok ${at + 1} - adds up ${number}\n${end}${why}`;
  });
  const counts = `# tests ${tests.length}\n# suites 0\n# pass ${tests.length - failing.size}\n# fail ${failing.size}\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms 81.2`;
  return `TAP version 13\n${lines.join('\n')}\n1..${tests.length}\n${counts}\n`;
}

function pytest(alive: readonly Defect[]): string {
  const begin =
    '============================= test session starts ==============================\ncollected 24 items\n';
  const failed = alive.map(
    ({ number, file }) => `FAILED ${file}::test_total_${number} - AssertionError: assert ${number} == ${number + 1}`,
  );
  const passed = 24 - failed.length;
  const last =
    failed.length === 0
      ? '============================== 24 passed in 0.31s =============================='
      : `=========================== short test summary info ============================\n${failed.join('\n')}\n========================= ${failed.length} failed, ${passed} passed in 0.31s ==========================`;
  return `${begin}\n${last}\n`;
}

function goTest(alive: readonly Defect[]): string {
  if (alive.length === 0) return 'ok  \texample.org/fleet\t0.012s\n';
  const each = alive.map(
    ({ number, file, line }) =>
      `--- FAIL: TestTotal${number} (0.00s)\n    ${file}:${line}: got ${number}, want ${number + 1}`,
  );
  return `${each.join('\n')}\nFAIL\nFAIL\texample.org/fleet\t0.012s\nFAIL\n`;
}

function goVet(alive: readonly Defect[]): string {
  if (alive.length === 0) return '';
  return `# example.org/fleet\n${alive.map(({ number, file, line }) => `./${file}:${line}:2: ${pick(vetWords, number)}`).join('\n')}\n`;
}

function npmAudit(alive: readonly Defect[]): string {
  const counts = { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: alive.length };
  const vulnerabilities = Object.fromEntries(
    alive.map(({ number }) => {
      const name = pick(packages, number);
      const severity = pick(npmSeverities, number);
      counts[severity] += 1;
      const advisory = {
        source: 1_090_000 + number,
        name,
        dependency: name,
        title: `${name} takes more than it should`,
        url: `https://github.com/advisories/GHSA-aaaa-bbbb-c${String(number % 1000).padStart(3, '2')}`,
        severity,
        cwe: ['CWE-400'],
        cvss: { score: 7.5, vectorString: null },
        range: '<2.0.0',
      };
      const whole = { name, severity, isDirect: true, via: [advisory], effects: [], range: '<2.0.0' };
      return [name, { ...whole, nodes: [`node_modules/${name}`], fixAvailable: true }];
    }),
  );
  const dependencies = { prod: 40, dev: 12, optional: 0, peer: 0, peerOptional: 0, total: 52 };
  return `${JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: counts, dependencies } }, null, 2)}\n`;
}

function pipAudit(alive: readonly Defect[]): string {
  const dependencies = alive.map(({ number }) => ({
    name: pick(wheels, number),
    version: '1.0.0',
    vulns: [
      {
        id: `PYSEC-2026-${number}`,
        fix_versions: ['2.0.0'],
        aliases: [`CVE-2026-${10_000 + number}`],
        description: `${pick(wheels, number)} takes more than it should.`,
      },
    ],
  }));
  return `${JSON.stringify({ dependencies, fixes: [] })}\n`;
}

/** Languages whose tools speak in the made-up fleet as they do in earnest. */
export const ecosystems: readonly Ecosystem[] = [
  {
    language: 'javascript',
    commands: { lint: './eslint --format json .', test: './node --test', audit: './npm audit --json' },
    file: (number) => `src/part-${number % 4}.js`,
    source: ({ number }) => `const value${number} = ${number};`,
    print: { lint: eslint, test: nodeTest, audit: npmAudit },
  },
  {
    language: 'python',
    commands: { lint: './ruff check --output-format json .', test: './pytest', audit: './pip-audit --format json' },
    file: (number) => `app/part_${number % 4}.py`,
    source: ({ number }) => `value_${number} = ${number}`,
    print: { lint: ruff, test: pytest, audit: pipAudit },
  },
  {
    language: 'go',
    commands: { lint: './go vet ./...', test: './go test ./...' },
    file: (number) => `part_${number % 4}.go`,
    source: ({ number }) => `\ttotal = ${number}`,
    print: { lint: goVet, test: goTest },
  },
];

/** What a recipe prints while these defects stand, and how it ends. */
export function printed(
  { print }: Ecosystem,
  recipe: RecipeName,
  { alive, tree, files }: { alive: readonly Defect[]; tree: string; files: readonly string[] },
): Printed {
  return { log: print[recipe]?.(alive, tree, files) ?? '', exit: alive.length > 0 ? 1 : 0 };
}

export type { Ecosystem };
