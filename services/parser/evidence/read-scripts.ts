import { messageOf } from '../../floor/app-error.ts';
import { filesFrom, type Script, scriptAt } from '../rules/scripts/script-files.ts';
import { readTexts } from './commit-texts.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';

/** Scripts that one command is followed to, and how far. */
const mostScripts = 30;
const deepest = 5;

/** The command and the scripts of a commit that it leads to. */
export async function readScripts(
  command: string,
  sha: string,
  scene: Pick<Scene, 'remote' | 'place'>,
  deps: EvidenceDeps,
): Promise<Script[]> {
  const all: Script[] = [{ path: '', kind: 'shell', text: command, by: null }];
  const files = await deps.workspaces.listFiles(scene.remote, sha).catch((error) => {
    deps.logger.warn(
      { error: messageOf(error) },
      'the files of a commit could not be listed, scripts are not followed',
    );
    return [];
  });
  const tree = new Set(files);
  let found = all;
  for (let depth = 0; depth < deepest && found.length > 0; depth += 1) {
    const known = new Set(all.map(({ path }) => path));
    const led = found.flatMap((by) => filesFrom(by, scene.place.subproject, tree).map((path) => ({ by, path })));
    const fresh = led.filter(({ path }, at) => !known.has(path) && led.findIndex((one) => one.path === path) === at);
    const taken = fresh.slice(0, mostScripts - all.length);
    const texts = await readTexts(
      sha,
      taken.map(({ path }) => path),
      scene,
      deps,
    );
    found = taken.flatMap(({ by, path }) => {
      const text = texts(path);
      return typeof text === 'string' ? [scriptAt(path, text, by)] : [];
    });
    all.push(...found);
  }
  return all;
}
