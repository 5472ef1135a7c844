import { tools } from '../../parsers/tools/registry.ts';
import type { Evidence } from '../define.ts';

/** A check of CI or a hook, as its name or its job says, with a tool of which nothing is known here. */
export type UnknownCheck = { readonly command: string; readonly where: string };

const most = 20;
const longest = 200;
const known = new Set(tools.flatMap(({ programs }) => programs));
/** Programs that are named like checks, and checkers of which the name says nothing. */
const checks =
  /lint|check|spell|audit|scan|verify|typos|lychee|^(attw|buf|codeql|conftest|deptry|depcheck|dprint|griffe|interrogate|kics|kubeconform|publint|reuse|semgrep|size-limit|syncpack|taplo|terrascan|trufflehog|vale|vulture|xo|yard-junk)$/;
const verbs = /^(lint|check|audit|verify|scan|validate)$/;
/** A job of this name checks with whatever it runs. */
const checkJob = /lint|style|format|static|quality/i;
/** Their words are like these, and they build, install, tell or are run as recipes already. */
const ordinary =
  /^(apt|apt-get|aws|az|brew|bundle|cargo|cat|cd|chmod|cmake|codecov|composer|cosign|cp|curl|deno|diff|docker|dotnet|echo|exit|export|find|for|gcloud|gem|gh|git|go|gpg|gradle|gradlew|grep|helm|if|just|kubectl|make|mkdir|mv|mvn|mvnw|node|npm|pip|pip3|pnpm|poetry|printf|pwd|python|python3|rm|rustup|sed|set|sh|sha1sum|sha256sum|sha512sum|sudo|tar|task|test|tox|nox|uv|wget|while|yarn|bun|hatch|pdm|pre-commit|prek)$/;
/** Actions that check; those that set up, cache, upload or tell do not. */
const actions =
  /(^|[/_-])(lint|linter|super-linter|check|checker|audit|scan|scanner|spell|typos|codeql|semgrep|trufflehog|sonar|snyk|vale|lychee|gitleaks|dependency-review)([/_-]|$)/;
const noCheck =
  /^(actions\/(checkout|cache|setup-\w+|upload-artifact)|docker\/|.*\/(setup|install)[\w-]*$|.*alls-green)/;
/** Hygiene of any text. What a local hook runs is among the runs. */
const plainHooks = /\/(pre-commit\/pre-commit-hooks|pre-commit\/pygrep-hooks)(\.git)?$/;

/** What CI or a hook runs beside the tools that are known: no recipe has it, and nobody would miss it otherwise. */
export function unknownChecks({ runs, uses }: Evidence, commands: readonly string[]): UnknownCheck[] {
  const found = new Map<string, UnknownCheck>();
  const isRun = (program: string) => {
    const word = new RegExp(`(^|[\\s/])${program.replace(/[.+]/g, '\\$&')}(?=\\s|$)`);
    return commands.some((command) => word.test(command));
  };
  const add = (program: string, command: string, where: string) => {
    if (found.size >= most || found.has(program) || isRun(program)) return;
    found.set(program, { command: command.slice(0, longest), where: where.slice(0, longest) });
  };
  for (const { words, where, gate, job } of runs) {
    const program = (words[0] ?? '').replace(/^.*\//, '').replace(/@[^/]*$/, '');
    if (!gate || where.includes('package.json: ') || program === '' || ordinary.test(program) || known.has(program))
      continue;
    const named = checks.test(program) || verbs.test(words[1] ?? '') || checkJob.test(jobName(job));
    if (/^[A-Za-z][\w.+-]*$/.test(program) && named) add(program, words.join(' '), where);
  }
  for (const { name, where, from } of uses) {
    const last = name.replace(/\/+$/, '').replace(/^.*\//, '');
    const isCheck =
      from === undefined ? actions.test(name) && !noCheck.test(name) : from !== 'local' && !plainHooks.test(from);
    const program = last.replace(/-(action|check|lint)$/, '');
    if (!isCheck || isKnown(last) || isKnown(program) || isRun(last)) continue;
    add(program, from === undefined ? `uses: ${name}` : `pre-commit run ${name} --all-files`, where);
  }
  return [...found.values()];
}

/** The name of a job behind the file that holds it. */
function jobName(job: string | null): string {
  return job === null ? '' : job.slice(job.indexOf(' ') + 1);
}

function isKnown(name: string): boolean {
  return known.has(name) || known.has(name.replace(/-/g, ' '));
}
