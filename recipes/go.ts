import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest, type Tree } from './define.ts';
import { machineStep, namedLinters } from './detection/linters.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';
import { shellWord } from './shell-word.ts';

const commands = {
  build: 'go build ./...',
  test: 'go test ./...',
  vet: `go vet ${machineFlag('go-vet')} ./...`,
  staticcheck: `staticcheck ${machineFlag('staticcheck')} ./...`,
  audit: `govulncheck ${machineFlag('govulncheck')} ./...`,
};

/** So many sets of build tags are tested, each in a run of its own. */
const mostTagSets = 4;

/** Go modules. A go.work needs no rule: each of its modules is built in its own folder, and finds it from there. */
export const go: Ecosystem = {
  name: 'go',
  suggested: suggest('go', [
    ['build', 'go', commands.build],
    ['test', 'go', commands.test],
    ['lint', 'go', commands.vet],
    ['lint', 'staticcheck', commands.staticcheck],
    ['audit', 'govulncheck', commands.audit],
  ]),
  find(tree, evidence) {
    const modules = foldersWith(tree, /^go\.mod$/);
    return modules.map((path) => {
      const files = ownFiles(tree, path, modules);
      const manifest = at(path, 'go.mod');
      const hasDependencies = /^\s*require\b/m.test(tree.text(manifest));
      const steps = [
        foundIn(step('build', ['go'], commands.build), manifest),
        ...(files.some((file) => file.endsWith('_test.go')) ? testSteps(path, evidence) : []),
        ...lintSteps(path, tree, evidence),
        ...(hasDependencies || evidence.run('govulncheck', path) !== null ? [auditStep(path, evidence)] : []),
      ];
      return {
        path,
        language: 'go',
        steps: files.some((file) => file.endsWith('.go')) ? steps : [],
        timeout_secs: 900,
      };
    });
  },
};

/** One run of the tests for each set of tags that CI or a task names, and one with the race detector where those have it. */
function testSteps(path: string, evidence: Evidence): Step[] {
  const runs = evidence.runs.filter(({ words, folder }) => words[0] === 'go' && words[1] === 'test' && folder === path);
  const flags = evidence.flags.map((flag) => flag.split(/\s+/));
  const race =
    runs.some(({ words }) => words.includes('-race')) || flags.some((words) => words.includes('-race'))
      ? ['-race']
      : [];
  const where = runs[0]?.where ?? at(path, 'go.mod');
  const own = evidence.runs.filter(({ words, folder }) => words[0] === 'go' && folder === path);
  const sets = new Set([...own.map(({ words }) => words), ...flags].flatMap(tagsOf));
  const commandsOf = [...new Set(['', ...sets])].slice(0, mostTagSets + 1);
  return commandsOf.map((tags) => {
    const options = [...race, ...(tags === '' ? [] : [`-tags=${shellWord(tags)}`])];
    return foundIn(step('test', ['go'], ['go test', ...options, './...'].join(' ')), where);
  });
}

/** As CI starts it, where go brings it there. */
function auditStep(path: string, evidence: Evidence): Step {
  const run = evidence.run('govulncheck', path);
  const found = run?.where ?? at(path, 'go.mod');
  if (run?.by === undefined) return foundIn(step('audit', ['go', 'govulncheck'], commands.audit), found);
  return foundIn(step('audit', ['go'], commands.audit.replace('govulncheck', run.by)), found);
}

function tagsOf(words: readonly string[]): string[] {
  return words.flatMap((word, place) => {
    const tags = /^--?tags=(.+)$/.exec(word)?.[1] ?? (/^--?tags$/.test(word) ? words[place + 1] : undefined);
    return tags !== undefined && /^[\w.,]+$/.test(tags) ? [tags] : [];
  });
}

/** What the project configures; without that, what go itself calls suspicious. */
function lintSteps(path: string, tree: Tree, evidence: Evidence): Step[] {
  // Nothing that runs in an outer module looks into this one, and the settings above it are those of this one too.
  const named = namedLinters('go', { folder: path, isCovered: false }, tree, evidence);
  const vets = named.some(({ linter }) => linter.tool === 'golangci-lint');
  return [
    // golangci-lint runs vet too, and nothing is told twice.
    ...(vets ? [] : [foundIn(step('lint', ['go'], commands.vet), evidence.run('go vet')?.where ?? at(path, 'go.mod'))]),
    ...named.map(machineStep),
  ];
}
