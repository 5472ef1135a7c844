import { levelTrouble, openScene } from './cell-scene.ts';
import { attempts, reachedAt } from './escape-attempts.ts';

// Started by a test as a user without privileges: prints which attempts went another way than said.
const wrong: string[] = [];
const troubles: string[] = [];
let tried = 0;
for (const level of ['bwrap', 'reduced', 'none'] as const) {
  const trouble = await levelTrouble(level);
  if (trouble !== null) {
    troubles.push(trouble);
    continue;
  }
  const scene = await openScene(level, level === 'bwrap' ? undefined : 'subreaper');
  for (const one of attempts.filter(({ never = [] }) => !never.includes(level))) {
    const { title, command, network = 'on' } = one;
    // A list of hosts is not to be asked for where it cannot be held: the network is on there.
    const asked = typeof network === 'object' && level !== 'bwrap' ? 'on' : network;
    const { result, stderr } = await scene.run(command, { network: asked });
    tried += 1;
    if ((result.exitCode === 0) !== reachedAt(one, false).includes(level))
      wrong.push(`${level}: ${title}: ${result.exitCode} ${stderr}`);
  }
  await scene.close();
}
process.stdout.write(JSON.stringify({ troubles, wrong, tried }));
