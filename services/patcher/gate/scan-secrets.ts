import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import type { ChangedFile } from '../../floor/changed-file.ts';
import { childEnvironment } from '../../floor/child-environment.ts';
import { temporaryPlace } from '../../io/files/temporary-place.ts';
import { runProgram } from '../../io/programs/run-program.ts';
import type { Objection } from '../rules/policy/define.ts';
import { secretInPatch, secretScanner } from '../rules/policy/secret-in-patch.ts';

const Leaks = Type.Array(
  Type.Object({ File: Type.String(), StartLine: Type.Integer(), RuleID: Type.String({ maxLength: 200 }) }),
);

/** Looks for secrets beyond our own rules. */
export type SecretScan = {
  /** Who looks: it stands in the provenance of a pull request. */
  scanners(): Promise<string>;
  /** What was found in what a patch adds; nothing where no scanner is installed. */
  scan(files: readonly ChangedFile[]): Promise<readonly Objection[]>;
};

/** Asks gitleaks where it is installed. What was found is never repeated. */
export function openSecretScan(from: Readonly<NodeJS.ProcessEnv>): SecretScan {
  const { PATH } = childEnvironment(from);
  const env = { PATH, HOME: tmpdir() };
  let version: Promise<string | null> | undefined;
  const installed = () => {
    version ??= versionOf(env);
    return version;
  };
  return {
    scanners: async () => {
      const known = await installed();
      return known === null ? secretScanner : `gitleaks ${known} and ${secretScanner}`;
    },
    scan: async (files) => ((await installed()) === null ? [] : leaksIn(files, env)),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

/** Null where there is none that answers. */
async function versionOf(env: Env): Promise<string | null> {
  const program = toolOnPath('gitleaks', env);
  if (program === undefined) return null;
  const said = await runProgram(program, ['version'], { env, timeoutMs: 10_000 }).catch(() => null);
  return said === null ? null : (/\bv?\d[\w.+-]{0,40}/.exec(said.stdout)?.[0] ?? 'of an unknown version');
}

/** Only what a patch adds is looked at, each line at its own place, in files that nothing of the repository names. */
async function leaksIn(files: readonly ChangedFile[], env: Env): Promise<Objection[]> {
  const dir = await temporaryPlace('leaks');
  const [source, report] = [join(dir, 'source'), join(dir, 'report.json')];
  try {
    await mkdir(source);
    await Promise.all(files.map((file, at) => writeFile(join(source, `${at}.txt`), addedIn(file))));
    const words = ['detect', '--no-git', '--no-banner', '--redact', '--ignore-gitleaks-allow', '--exit-code', '0'];
    const places = ['--source', source, '--report-format', 'json', '--report-path', report];
    await runProgram('gitleaks', [...words, ...places], { cwd: dir, env });
    const leaks: unknown = JSON.parse(await readFile(report, 'utf8'));
    if (!Value.Check(Leaks, leaks)) throw new Error('its report has another shape');
    return leaks.map((leak) => objectionOf(leak, files));
  } catch {
    const [path = ''] = files.map((file) => file.path);
    const why = 'gitleaks is installed and could not look at the patch: nothing goes out that it has not seen';
    return [{ rule: secretInPatch.name, path, line: null, why }];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function objectionOf({ File, StartLine, RuleID }: Static<typeof Leaks>[number], files: readonly ChangedFile[]) {
  const at = Number(/(\d+)\.txt$/.exec(File)?.[1] ?? 0);
  return {
    rule: secretInPatch.name,
    path: files[at]?.path ?? '',
    line: StartLine,
    why: `the line holds a secret (${RuleID}, seen by gitleaks): nothing secret may go out`,
  };
}

/** The file after the patch, with empty lines in place of those that it had before. */
function addedIn({ before, after }: ChangedFile): string {
  const known = new Set((before ?? '').split('\n').map((line) => line.trim()));
  return (after ?? '')
    .split('\n')
    .map((line) => (known.has(line.trim()) ? '' : line))
    .join('\n');
}
