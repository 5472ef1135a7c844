import type { Found } from '../define.ts';
import type { Judged } from '../toolchains/asked-versions.ts';
import { pinsIn } from '../toolchains/pins.ts';
import { programsOf } from '../toolchains/verdict.ts';

/** Whether a machine has a tool, under variables that choose a version. */
export type Has = (tool: string, under: Readonly<Record<string, string>>) => boolean | Promise<boolean>;

/** Why a tool is not there for a folder, empty where there is no more to say; null when it is there. */
export type Presence = (path: string, tool: string) => string | null;

/** Asks for each tool under the versions that hold in its folder; one whose version is not there is not asked. */
export async function presentTools(found: readonly Found[], judged: readonly Judged[], has: Has): Promise<Presence> {
  const answers = new Map<string, string | null>();
  const keyOf = (path: string, tool: string) => JSON.stringify([path, tool]);
  const ask = async (path: string, tool: string) => {
    const pins = pinsIn(
      judged.map(({ pin }) => pin),
      path,
    );
    const own = judged.filter(({ pin }) => pins.includes(pin));
    const [name = ''] = tool.split(' >= ');
    const of = own.find(({ pin, said }) => said.isMet === false && programsOf[pin.toolchain]?.test(name));
    if (of !== undefined) return whyUnmet(of);
    const under = Object.assign({}, ...own.map(({ said }) => said.env));
    if (await has(tool, under)) return null;
    const chooses = own.find(({ said }) => Object.keys(said.env).length > 0 && said.isMet);
    const isLess = chooses !== undefined && programsOf[chooses.pin.toolchain]?.test(name) && (await has(tool, {}));
    return isLess
      ? `${name} is not installed for ${chooses.pin.toolchain} ${chooses.pin.asks}, which ${chooses.pin.file} asks for`
      : '';
  };
  const wanted = found.flatMap(({ path, steps }) =>
    steps.flatMap(({ ways }) => ways.flatMap(({ tools }) => tools.map((tool) => ({ path, tool })))),
  );
  const distinctly = new Map(wanted.map((one) => [keyOf(one.path, one.tool), one]));
  await Promise.all([...distinctly].map(async ([key, { path, tool }]) => answers.set(key, await ask(path, tool))));
  return (path, tool) => answers.get(keyOf(path, tool)) ?? null;
}

function whyUnmet({ pin: { file, toolchain, asks }, said: { has, advice } }: Judged): string {
  return `${file} asks for ${toolchain} ${asks}; here is ${has}${advice === null ? '' : `: ${advice}`}`;
}
