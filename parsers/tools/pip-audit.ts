import type { Tool } from './define.ts';

/** It has no file of settings: what it passes over stands in its command. */
export const pipAudit: Tool = {
  name: 'pip-audit',
  documentation: 'https://github.com/pypa/pip-audit#readme',
  install: 'pip install pip-audit',
  programs: ['pip-audit', 'pip_audit'],
  languages: ['python'],
  exits: { 0: 'nothing found', 1: 'advisories, or it failed' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|cyclonedx)/ },
  settings: {
    files: ['pip.conf', '.pip-audit*', 'pip-audit*.{toml,json,yml,yaml}'],
    tables: { 'pyproject.toml': ['tool.pip-audit'] },
  },
  locks: ['requirements.txt', 'pylock.toml'],
  options: {
    selects: '-r --requirement --path --vulnerability-service',
    ignores: '--ignore-vuln --exclude',
    lowers: '--no-deps --skip-editable --local -l',
  },
};
