import { silencers, type Tool } from './define.ts';

/** The checks of `docker build --check`, and checkmake. */
export const dockerBuild: Tool = {
  name: 'docker-build',
  documentation: 'https://docs.docker.com/reference/dockerfile/#check',
  install: 'https://docs.docker.com/engine/install/',
  programs: ['docker build', 'docker buildx', 'checkmake'],
  builds: true,
  languages: ['dockerfile'],
  silencers: silencers('shell dockerfile make', 'comment', [
    ['check = ?[^\\n]{0,40}?skip', 'file', '# check=skip=JSONArgsRecommended', { family: 'docker-check' }],
    ['checkmake : ?(?:disable|ignore)', 'file', '# checkmake:disable', { family: 'checkmake' }],
  ]),
  settings: { lists: ['.dockerignore', '*.dockerignore'], files: ['checkmake.ini'] },
};
