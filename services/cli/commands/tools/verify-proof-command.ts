import { readFile, stat } from 'node:fs/promises';
import { callService } from '../../../../events/http/call-service.ts';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import { printable } from '../../../floor/text/printable.ts';
import { readKeys } from '../../../statements/rules/key-set.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Options = OutputOptions & {
  key?: string;
  diff?: string;
  repository?: string;
  logs?: string;
  rerun?: string | boolean;
};

const keysPath = '/.well-known/crafting-table-keys.json';

export const verifyProofCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<proof>', 'a file or URL of a signed statement, or the id of an attempt, such as 12-1')
    .option('--key <file>', `public keys: a key set or PEM, as a farm has them at ${keysPath}`)
    .option('--diff <file>', 'the patch, to be compared with what was proven')
    .option('--repository <dir>', 'a clone that holds the commit, to be compared')
    .option('--logs <dir>', 'what the jobs printed, as JOB.log')
    .option('--rerun [repository]', 'prove it once more on a clean clone of this path or URL')
    .action(does(verify));
  withExamples(command, [
    'verify-proof 12-1',
    'verify-proof 12-1.jsonl --key farm-keys.json --diff 12-1.diff --logs logs/',
    'verify-proof 12-1.jsonl --key farm-keys.json --diff 12-1.diff --rerun https://git.example.org/acme/shop.git',
  ]);
};

async function verify(cli: Cli, named: string, options: Options): Promise<number> {
  const { logsOf, verifyProof } = await import('../../offline/verify-proof.ts');
  const given = await materialOf(cli, named, options);
  const { checks, statement } = await verifyProof({
    ...given,
    repository: options.repository ?? null,
    logOf: options.logs === undefined ? async () => null : await logsOf(options.logs),
    hasLogs: options.logs !== undefined,
  });
  if (statement !== null && options.rerun !== undefined && checks.every(({ ok }) => ok !== false)) {
    const { rerunProof } = await import('../../offline/rerun-proof.ts');
    const repository = typeof options.rerun === 'string' ? options.rerun : options.repository;
    if (repository === undefined)
      throw new AppError('invalid', 'Say from where to clone: --rerun PATH-OR-URL, or --repository DIR.');
    if (given.diff === null) throw new AppError('invalid', 'A proof is run again on its patch: give --diff FILE.');
    const diff = given.diff.toString('utf8');
    checks.push(...(await rerunProof(statement, { repository, diff, env: cli.env, say: cli.printError })));
  }
  const ok = statement !== null && checks.every((one) => one.ok !== false);
  if (outputOf(options) === 'json') printJson(cli, { ok, checks, statement });
  else {
    for (const { what, ok: holds, detail } of checks)
      cli.print(printable(`${(holds === null ? '-' : holds ? 'ok' : 'NO').padEnd(4)}${what}: ${detail}`));
    cli.print(ok ? 'The proof holds as far as it was checked.' : 'The proof is refused.');
  }
  return ok ? 0 : 1;
}

async function materialOf(cli: Cli, named: string, { key, diff }: Options) {
  const isPatch = /^[0-9]{1,16}-[0-9]{1,6}$/.test(named) && (await stat(named).catch(() => null)) === null;
  const client = isPatch ? await cli.client() : null;
  const bundle = client ? await whole(client, `/patches/${named}/statement`) : await textOf(named, cli);
  const keys =
    key !== undefined
      ? await textOf(key, cli)
      : client
        ? await whole(client, keysPath)
        : /^https?:/i.test(named)
          ? await fromUrl(new URL(keysPath, named).href, cli.env)
          : null;
  if (keys === null)
    throw new AppError('invalid', `Give the public key of the farm: --key FILE, from its ${keysPath}.`);
  const shown = client ? await client.get<{ attempt: { diff: string | null } }>(`/patches/${named}`) : null;
  const text = diff === undefined ? (shown?.attempt.diff ?? null) : await textOf(diff, cli);
  return {
    bundle,
    keys: readKeys(keys, key ?? 'the key set of the farm'),
    diff: text === null ? null : Buffer.from(text),
  };
}

async function whole(client: Awaited<ReturnType<Cli['client']>>, path: string): Promise<string> {
  let text = '';
  for await (const piece of await client.stream(path)) text += piece;
  return text;
}

async function textOf(place: string, { env }: Cli): Promise<string> {
  if (/^https?:/i.test(place)) return fromUrl(place, env);
  return readFile(place, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new AppError('invalid', `${place} cannot be read: ${cause.code ?? messageOf(cause)}.`, { cause });
  });
}

/** A bearer goes to the farm that it was kept for, and to no other server. */
async function fromUrl(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '')
    throw new AppError(
      'invalid',
      'The proof is no URL that can be fetched: https://HOST/… without a user was expected.',
    );
  const place = `${url.origin}${url.pathname}`;
  const { bearerFor } = await import('../../farm/service-meant.ts');
  const bearer = await bearerFor(url, env);
  const path = `${url.pathname}${url.search}`;
  const answer = await callService({ url: url.origin, bearer }, { path }).catch((cause: unknown) => {
    throw new AppError('unavailable', `${place} cannot be fetched: ${messageOf(cause)}.`, { cause });
  });
  if (answer.status === 401 && bearer === null)
    throw new AppError(
      'unauthorized',
      `${place} answers 401: crafting-table login --server ${url.origin} lets you in.`,
    );
  if (!answer.ok) throw new AppError('unavailable', `${place} answers ${answer.status}.`);
  return answer.text();
}
