import { tools } from '../../parsers/tools/registry.ts';
import type { Evidence } from '../define.ts';

/** A command of CI that checks, as its name says, with a tool of which nothing is known here. */
export type UnknownCheck = { readonly command: string; readonly where: string };

const most = 20;
const longest = 200;
const known = new Set(tools.flatMap(({ programs }) => programs));
/** Programs that are named like checks, and checkers of which the name says nothing. */
const checks =
  /lint|check|spell|audit|scan|verify|typos|lychee|^(attw|buf|codeql|conftest|deptry|depcheck|dprint|griffe|interrogate|kics|kubeconform|publint|reuse|semgrep|size-limit|syncpack|taplo|terrascan|vale|vulture|xo)$/;
const verbs = /^(lint|check|audit|verify|scan|validate)$/;
/** Their words are like these, and they build, install, tell or are run as recipes already. */
const ordinary =
  /^(apt|apt-get|aws|az|brew|bundle|cargo|cd|chmod|cmake|codecov|composer|cosign|curl|deno|docker|dotnet|echo|gcloud|gem|gh|git|go|gpg|gradle|gradlew|helm|just|kubectl|make|mvn|mvnw|node|npm|pip|pip3|pnpm|poetry|python|python3|rustup|sha1sum|sha256sum|sha512sum|task|test|tox|nox|uv|yarn|bun|hatch|pdm|pre-commit|prek)$/;

/** What CI or a hook runs beside the tools that are known: no recipe has it, and nobody would miss it otherwise. */
export function unknownChecks({ runs }: Evidence, commands: readonly string[]): UnknownCheck[] {
  const found = new Map<string, UnknownCheck>();
  for (const { words, where, gate } of runs) {
    const program = (words[0] ?? '').replace(/^.*\//, '').replace(/@[^/]*$/, '');
    if (!gate || where.includes('package.json: ') || program === '' || ordinary.test(program) || known.has(program))
      continue;
    if (!/^[A-Za-z][\w.+-]*$/.test(program) || !(checks.test(program) || verbs.test(words[1] ?? ''))) continue;
    const word = new RegExp(`(^|[\\s/])${program.replace(/[.+]/g, '\\$&')}(?=\\s|$)`);
    if (found.has(program) || commands.some((command) => word.test(command))) continue;
    found.set(program, { command: words.join(' ').slice(0, longest), where: where.slice(0, longest) });
    if (found.size >= most) break;
  }
  return [...found.values()];
}
