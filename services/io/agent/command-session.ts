import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError, isAppError } from '../../floor/app-error.ts';

const Exchange = Type.Object({ prompt: Type.String(), reply: Type.Union([Type.String(), Type.Null()]) });
const Conversation = Type.Object({
  /** Every turn that was begun; the reply of one that did not end is null. */
  turns: Type.Array(Exchange, { maxItems: 1000 }),
  /** The tag of the program that answers now, or answered when the service died. */
  answering: Type.Union([Type.String(), Type.Null()]),
});
export type Conversation = Static<typeof Conversation>;

/** The conversations of a program that remembers nothing: each is a folder with a file and an empty place to work in. */
export type CommandSessions = {
  /** Makes one and answers its id; ids begin with the attempt's name. */
  open(patchId: string): string;
  find(patchId: string): string | null;
  /** Null when there is none of this id. */
  read(sessionId: string): Conversation | null;
  write(sessionId: string, conversation: Conversation): void;
  /** Empties the place to work in, and answers its path. */
  workFolder(sessionId: string): string;
  remove(sessionId: string): void;
};

const staleMs = 48 * 3_600_000;
const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** Opens the folder of conversations, which must be ours alone; what nobody came back to within two days goes. */
export function openCommandSessions(folder: string, now: () => number): CommandSessions {
  const pathOf = (sessionId: string): string => {
    if (idPattern.test(sessionId)) return join(folder, sessionId);
    throw new AppError('invalid', 'The id of a session holds other characters than letters, digits, - and _.');
  };
  const names = (): string[] => {
    own(folder);
    return readdirSync(folder).filter((name) => idPattern.test(name));
  };
  const remove = (sessionId: string): void => rmSync(pathOf(sessionId), { recursive: true, force: true });
  const fileOf = (sessionId: string): string => join(pathOf(sessionId), 'conversation.json');
  const write = (sessionId: string, conversation: Conversation): void => {
    const draft = `${fileOf(sessionId)}.new`;
    writeFileSync(draft, JSON.stringify(conversation), { mode: 0o600 });
    renameSync(draft, fileOf(sessionId));
  };
  return {
    open: onDisk((patchId: string) => {
      for (const name of names()) if (isStale(join(folder, name), now())) remove(name);
      const sessionId = `${patchId}-${randomBytes(6).toString('hex')}`;
      mkdirSync(pathOf(sessionId), { mode: 0o700 });
      write(sessionId, { turns: [], answering: null });
      return sessionId;
    }),
    find: onDisk(
      (patchId: string) =>
        names().find((name) => name.startsWith(`${patchId}-`) && existsSync(join(folder, name, 'conversation.json'))) ??
        null,
    ),
    read: onDisk((sessionId: string) => {
      own(folder);
      return readConversation(fileOf(sessionId));
    }),
    write: onDisk(write),
    workFolder: onDisk((sessionId: string) => {
      const work = join(pathOf(sessionId), 'work');
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work, { mode: 0o700 });
      return work;
    }),
    remove: onDisk(remove),
  };
}

function onDisk<A extends readonly unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return work(...args);
    } catch (cause) {
      if (isAppError(cause)) throw cause;
      const code = cause instanceof Error && 'code' in cause ? cause.code : 'unreadable';
      throw new AppError('unavailable', `The folder of the conversations cannot be used (${code}).`, { cause });
    }
  };
}

function readConversation(file: string): Conversation | null {
  if (!existsSync(file)) return null;
  const conversation: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (Value.Check(Conversation, conversation)) return conversation;
  throw new AppError('invalid', 'The file of the conversation does not hold what was written to it.');
}

// A folder in a place that everybody may write to could have been put there by somebody else.
function own(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const ours =
    lstatSync(folder).isDirectory() &&
    (process.getuid === undefined || uid === process.getuid()) &&
    (mode & 0o022) === 0;
  if (!ours) throw new AppError('unavailable', 'The folder of the conversations belongs to somebody else.');
}

function isStale(path: string, now: number): boolean {
  return now - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > staleMs;
}
