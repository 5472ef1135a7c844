import type { Tree } from '../define.ts';
import { type Pin, pinsIn, pinsOf } from './pins.ts';
import type { Verdict } from './verdict.ts';

/** A version that a file asks for. `met`: null where another one is used, or it is fetched at the first run. */
export type AskedVersion = {
  /** The folder for which it is asked. */
  path: string;
  toolchain: string;
  asks: string;
  file: string;
  /** What is there of it, in words. */
  has: string;
  met: boolean | null;
  advice: string | null;
};

export type Judge = (pin: Pin, files: readonly string[]) => Promise<Verdict>;
export type Judged = { readonly pin: Pin; readonly said: Verdict };

export function judgedPins(tree: Tree, judge: Judge): Promise<Judged[]> {
  return Promise.all(pinsOf(tree).map(async (pin) => ({ pin, said: await judge(pin, tree.files) })));
}

/** What is asked for one of these folders, or in them. */
export function askedVersions(judged: readonly Judged[], folders: readonly string[]): AskedVersion[] {
  return judged
    .filter(({ pin }) => folders.some((folder) => pinsIn([pin], folder).length > 0))
    .map(({ pin: { folder, toolchain, asks, file }, said }) => {
      return { path: folder, toolchain, asks, file, has: said.has, met: said.isMet, advice: said.advice };
    });
}

/** What a file asks for, what is there, and what to do about it, in one line. */
export function askedLine({ file, toolchain, asks, has, met, advice }: AskedVersion): string {
  const there = met === true ? `is here (${has})` : `here is ${has}`;
  return `${file} asks for ${toolchain} ${asks}: ${there}${advice === null ? '' : `; ${advice}`}`;
}
