import { AppError } from '../../../floor/app-error.ts';
import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { keep?: boolean; json?: boolean; branch?: string; fleet?: string };

const mostProjects = 2_000;

export const demoCommand: CommandUnit = (command, does) => {
  command
    .argument('[repository]', 'path or git URL; without it a small polyglot sample with real defects')
    .option('--keep', 'leave the service running afterwards')
    .option('--json', 'print the result as JSON')
    .option('--fleet <projects>', 'instead: a farm of so many made-up projects with their histories, until Ctrl-C')
    .option('--branch <branch>', 'branch to run (default: the one that is checked out)')
    .action(
      does(async ({ print, signal, env }, repository: string | undefined, options: Options) => {
        if (options.fleet !== undefined) {
          const { demoFleet } = await import('../../demo/fleet/fleet.ts');
          return demoFleet({ projects: fleetOf(options.fleet, repository), signal, env }, print);
        }
        const { demo } = await import('../../demo/demo.ts');
        const { keep = false, json = false, branch = null } = options;
        return demo({ repository: repository ?? null, keep, json, branch }, print);
      }),
    );
  withExamples(command, [
    'demo',
    'demo --fleet 200',
    'demo ../some/repository --json',
    'demo https://git.example.org/team/shop.git --keep',
  ]);
};

function fleetOf(text: string, repository: string | undefined): number {
  if (repository !== undefined)
    throw new AppError('invalid', 'A fleet is made up: name either a repository or --fleet with a number of projects.');
  const projects = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (projects >= 1 && projects <= mostProjects) return projects;
  throw new AppError(
    'invalid',
    `--fleet takes a number of projects from 1 to ${mostProjects}; found ${JSON.stringify(text)}.`,
  );
}
