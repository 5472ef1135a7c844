import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';

const commands = {
  build: 'go build ./...',
  test: 'go test ./...',
  vet: `go vet ${machineFlag('go-vet')} ./...`,
  staticcheck: `staticcheck ${machineFlag('staticcheck')} ./...`,
  audit: `govulncheck ${machineFlag('govulncheck')} ./...`,
};

/** Go modules. A go.work needs no rule: each of its modules is built in its own folder, and finds it from there. */
export const go: Ecosystem = {
  name: 'go',
  reads: /^go\.mod$/,
  suggested: suggest('go', [
    ['build', 'go', commands.build],
    ['test', 'go', commands.test],
    ['lint', 'go', commands.vet],
    ['lint', 'staticcheck', commands.staticcheck],
    ['audit', 'govulncheck', commands.audit],
  ]),
  find(tree) {
    const modules = foldersWith(tree, /^go\.mod$/);
    return modules.map((path) => {
      const files = ownFiles(tree, path, modules);
      const hasDependencies = /^\s*require\b/m.test(tree.text(at(path, 'go.mod')));
      const steps = [
        step('build', ['go'], commands.build),
        ...(files.some((file) => file.endsWith('_test.go')) ? [step('test', ['go'], commands.test)] : []),
        step('lint', ['go'], commands.vet),
        step('lint', ['go', 'staticcheck'], commands.staticcheck),
        ...(hasDependencies ? [step('audit', ['go', 'govulncheck'], commands.audit)] : []),
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
