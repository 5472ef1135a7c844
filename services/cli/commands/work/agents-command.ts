import type { ResolvedManifest } from '../../../../events/jobs/agent-manifest.ts';
import type { CommandUnit } from '../../define.ts';
import { pathWith } from '../../farm/api-list.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { printFields } from '../../print/print-fields.ts';

type Shown = { readonly manifest: ResolvedManifest; readonly digest: string };

export const agentsCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<project>', 'its name')
    .argument('[agent]', 'only this one')
    .action(
      does(async (cli, project: string, agent: string | undefined, options: OutputOptions) => {
        const base = `/projects/${encodeURIComponent(project)}/agents`;
        const api = await cli.client();
        const found = agent
          ? [await api.get<Shown>(pathWith(`${base}/${encodeURIComponent(agent)}`, {}))]
          : (await api.get<{ agents: Shown[] }>(base)).agents;
        if (outputOf(options) === 'json') printJson(cli, agent ? found[0] : { agents: found });
        else
          found.forEach((one, at) => {
            if (at > 0) cli.print('');
            printFields(cli, fieldsOf(one));
          });
        return 0;
      }),
    );
  withExamples(command, ['agents shop', 'agents shop fixer']);
};

function fieldsOf({ manifest, digest }: Shown): [string, string | null][] {
  const { budget } = manifest;
  const spend = [
    budget?.tokens === undefined ? [] : `${budget.tokens} tokens`,
    budget?.money === undefined ? [] : `${budget.money} USD`,
  ].flat();
  return [
    ['agent', manifest.name],
    ['made of', manifest.chain.length > 1 ? manifest.chain.join(' < ') : null],
    ['provider', manifest.provider],
    ['program', manifest.program],
    ['model', manifest.model],
    ['prompt', manifest.prompt === '' ? null : manifest.prompt],
    ['may ask', [...manifest.gateway, ...manifest.hosts].join(', ') || 'nothing'],
    ['needs', manifest.needs.join(', ') || null],
    ['limits', `${manifest.time_limit_secs} s; ${manifest.watchdog_secs} s without a word`],
    ['budget', spend.length === 0 ? null : `${spend.join(', ')}; then ${manifest.cutoff}`],
    ['digest', digest],
  ];
}
