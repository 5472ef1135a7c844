import type { Machine, Parser, Run } from './define.ts';
import { attribute, markup, wholeNumber } from './engine/xml-element.ts';

const severities = { error: 'error', warning: 'warn', info: 'info' } as const;
/** Tools that write this format; the one that the command starts is the one that wrote. */
const writers = [
  'ktlint',
  'detekt',
  'phpstan',
  'psalm',
  'phpcs',
  'eslint',
  'stylelint',
  'shellcheck',
  'golangci-lint',
  'hadolint',
  'swiftlint',
  'rubocop',
] as const;
/** What a tool puts before the name of its rule. */
const prefixes = [
  [/^com\.puppycrawl\.tools\.checkstyle\.(?:[\w$]{1,60}\.){0,8}([\w$]{1,100}?)(?:Check)?$/, 'checkstyle'],
  [/^detekt\.(.{1,200})$/, 'detekt'],
  [/^ShellCheck\.(SC\d{1,6})$/, 'shellcheck'],
  [/^eslint\.rules\.(.{1,200})$/, 'eslint'],
  [/^stylelint\.rules\.(.{1,200})$/, 'stylelint'],
  [/^(standard:.{1,200})$/, 'ktlint'],
] as const;

/** Checkstyle's XML, which many linters write: the finding's tool is the one that its rule or the command names. */
export const checkstyleXml: Parser = {
  name: 'checkstyle-xml',
  tool: 'checkstyle',
  languages: ['java', 'kotlin', 'php'],
  recipes: ['lint'],
  xml: { roots: ['checkstyle'], units: ['error', 'exception'] },
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  const writer = writers.find((one) => run.runs(one)) ?? 'checkstyle';
  let documents = 0;
  let findings = 0;
  return {
    xml(element, parents) {
      if (parents.length === 0) {
        documents += 1;
        if (findings === 0) run.saw(writer);
      } else if (element.name === 'exception') run.crashed(element.text.trim().split('\n')[0] ?? '', writer);
      else {
        const severity = attribute(element, 'severity') ?? 'error';
        if (severity === 'ignore') return;
        findings += 1;
        const source = attribute(element, 'source') ?? attribute(element, 'rule');
        const { tool, code } = named(source, writer);
        run.report({
          kind: 'lint',
          severity: Object.hasOwn(severities, severity) ? severities[severity as keyof typeof severities] : 'warn',
          tool,
          tool_severity: severity,
          code,
          tool_code: source,
          file: attribute(parents.at(-1), 'name'),
          line: wholeNumber(element, 'line'),
          column: wholeNumber(element, 'column'),
          message: attribute(element, 'message') ?? '',
          raw: markup(element),
        });
      }
    },
    end: (exit) => documents > 0 && (exit.exitCode === 0 || findings > 0),
  };
}

function named(source: string | null, writer: string): { tool: string; code: string | null } {
  for (const [pattern, tool] of source === null ? [] : prefixes) {
    const code = pattern.exec(source ?? '')?.[1];
    if (code !== undefined) return { tool, code };
  }
  return { tool: writer, code: source };
}
