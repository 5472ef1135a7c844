import { recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument } from '../../../events/project.ts';

export type Warning = { readonly path: string; readonly message: string };

/** A tool whose findings are read better from another output. `has`: it is asked for already. */
type Advice = { readonly tool: string; readonly runs: RegExp; readonly has: RegExp; readonly add: string };

const word = (name: string) => new RegExp(`(^|[\\s;&|(/])${name}(?=\\s|$|[;&|)])`);

const advice: readonly Advice[] = [
  { tool: 'bandit', runs: word('bandit'), has: /(-f|--format)[ =]json/, add: '-f json' },
  { tool: 'bundler-audit', runs: word('bundle(r)?-audit'), has: /(-F|--format)[ =]json/, add: '--format json' },
  { tool: 'cargo audit', runs: word('cargo audit'), has: /--json/, add: '--json' },
  {
    tool: 'cargo build',
    runs: word('cargo (build|check)'),
    has: /--message-format[ =]json/,
    add: '--message-format=json',
  },
  { tool: 'cargo clippy', runs: word('cargo clippy'), has: /--message-format[ =]json/, add: '--message-format=json' },
  { tool: 'composer audit', runs: word('composer audit'), has: /--format[ =]json/, add: '--format=json' },
  { tool: 'eslint', runs: word('eslint'), has: /(-f|--format)[ =](json|stylish)/, add: '-f json' },
  { tool: 'go vet', runs: word('go vet'), has: /-json/, add: '-json' },
  { tool: 'govulncheck', runs: word('govulncheck'), has: /-(json|format[ =]json)/, add: '-json' },
  { tool: 'mypy', runs: word('mypy'), has: /(-O|--output)[ =]json/, add: '--output=json' },
  { tool: 'npm audit', runs: word('npm audit'), has: /--json/, add: '--json' },
  { tool: 'phpstan', runs: word('phpstan( \\S+)*'), has: /--error-format[ =]json/, add: '--error-format=json' },
  { tool: 'pip-audit', runs: word('pip-audit'), has: /(-f|--format)[ =]json/, add: '-f json' },
  { tool: 'pylint', runs: word('pylint'), has: /(-f|--output-format)[ =]json/, add: '--output-format=json' },
  { tool: 'pytest', runs: word('pytest'), has: /--tb[ =]|--junit/, add: '--tb=line' },
  { tool: 'rubocop', runs: word('rubocop'), has: /(-f|--format)[ =]j/, add: '-f json' },
  { tool: 'ruff', runs: word('ruff check'), has: /--output-format/, add: '--output-format=json' },
  { tool: 'semgrep', runs: word('semgrep'), has: /--(json|sarif)/, add: '--json' },
  { tool: 'shellcheck', runs: word('shellcheck'), has: /(-f|--format)[ =]json/, add: '-f json1' },
  { tool: 'tsc', runs: word('tsc'), has: /--pretty[ =]false/, add: '--pretty false' },
];

/** Commands whose text output is read, but whose machine output holds more (places, fixes, severities). */
export function commandWarnings({ subprojects }: Pick<ProjectDocument, 'subprojects'>): Warning[] {
  return subprojects.flatMap((subproject, index) =>
    recipeNames.flatMap((recipe) => {
      const command = subproject[recipe] ?? '';
      return advice
        .filter(({ runs, has }) => runs.test(command) && !has.test(command))
        .map(({ tool, add }) => ({
          path: `/subprojects/${index}/${recipe}`,
          message: `${tool} is read from its text; with ${add} its findings are exact and carry more`,
        }));
    }),
  );
}
