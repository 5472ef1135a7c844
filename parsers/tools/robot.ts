import type { Tool } from './define.ts';

export const robot: Tool = {
  name: 'robot',
  documentation: 'https://robotframework.org/robotframework/latest/RobotFrameworkUserGuide.html',
  install: 'pip install robotframework',
  programs: ['robot', 'pabot'],
  languages: ['python'],
  settings: {
    files: ['robot.toml', '.robot.toml'],
    tables: { 'pyproject.toml': ['tool.robot', 'tool.robocop'] },
  },
  options: {
    selects: '-t --test -s --suite -i --include',
    ignores: '-e --exclude --skip --skiponfailure',
    config: '-A --argumentfile',
  },
};
