import { silencers, type Tool } from './define.ts';

export const robot: Tool = {
  name: 'robot',
  documentation: 'https://robotframework.org/robotframework/latest/RobotFrameworkUserGuide.html',
  install: 'pip install robotframework',
  programs: ['robot', 'pabot'],
  languages: ['python'],
  exits: { 0: 'all passed', '1-250': 'failures; their number, 250 at most' },
  fails: { 251: 'help', 252: 'wrong arguments', 253: 'interrupted', 255: 'it failed' },
  // Those of Robocop, its linter.
  silencers: silencers(null, 'inside', [
    [
      '\\brobocop : (?:off|disable)',
      'line',
      '# robocop: off=too-long-keyword',
      { alone: 'block', end: '\\brobocop : (?:on|enable)' },
    ],
  ]),
  settings: {
    files: ['robot.toml', '.robot.toml', 'robocop.toml', '.robocop'],
    tables: { 'pyproject.toml': ['tool.robot', 'tool.robocop'] },
  },
  options: {
    selects: '-t --test -s --suite -i --include',
    ignores: '-e --exclude --skip --skiponfailure',
    config: '-A --argumentfile',
  },
};
