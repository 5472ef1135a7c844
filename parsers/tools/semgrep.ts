import { silencers, type Tool } from './define.ts';

/** `nosemgrep` counts on its line, or on the line before. */
export const semgrep: Tool = {
  name: 'semgrep',
  documentation: 'https://semgrep.dev/docs/ignoring-files-folders-code',
  install: 'pip install semgrep',
  programs: ['semgrep', 'opengrep'],
  languages: ['python', 'go', 'typescript', 'java', 'ruby', 'php'],
  scope: 'file',
  exits: { 0: 'nothing found, or no --error', 1: 'findings, with --error' },
  fails: { 2: 'it failed' },
  machine: { flag: '--json', asked: /--(json|sarif)/ },
  silencers: silencers(null, 'line', [['\\bnosem(?:grep)?\\b', 'line', '# nosemgrep: rule-id', { alone: 'next' }]]),
  settings: { files: ['.semgrep.{yml,yaml}', 'semgrep.{yml,yaml}', '.semgrep/**'], lists: ['.semgrepignore'] },
  options: {
    selects: '--include --severity -e --pattern -l --lang --max-target-bytes --baseline-commit',
    ignores: '--exclude --exclude-rule',
    config: '-c -f --config',
    lowers: '--no-rewrite-rule-ids --exclude-minified-files',
  },
};
