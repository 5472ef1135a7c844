import { levelTrouble, openScene } from './cell-scene.ts';
import { attempts } from './escape-attempts.ts';

// Started by a test as a user without privileges: prints which attempts at the level bwrap went another way than said.
const trouble = await levelTrouble('bwrap');
const wrong: string[] = [];
if (trouble === null) {
  const scene = await openScene('bwrap');
  for (const { title, command, network = 'on', reached } of attempts) {
    const { result, stderr } = await scene.run(command, { network });
    if ((result.exitCode === 0) !== reached.includes('bwrap')) wrong.push(`${title}: ${result.exitCode} ${stderr}`);
  }
  await scene.close();
}
process.stdout.write(JSON.stringify({ trouble, wrong, tried: attempts.length }));
