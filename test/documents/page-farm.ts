import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { compileCache } from '../support/compile-cache.ts';
import { withFarm } from '../support/farm.ts';
import { openReceiver } from '../support/webhook-receiver.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** What the example of the pages has in its repository. Its lint finds one thing, in the words of a C compiler. */
const files = {
  'clients/python/a.py': 'x = 1\n',
  'clients/rust/a.rs': 'fn main() {}\n',
  'a.c': 'int x;\n',
  '.crafting-table.json': JSON.stringify({ subprojects: [{ path: '.', language: 'shell', lint: 'true' }] }),
};
const lint = 'echo "a.c:1:5: warning: unused variable \'x\' [-Wunused-variable]"';
const shop = {
  name: 'shop',
  subprojects: [{ path: '.', language: 'c', test: 'echo tested', build: lint, lint, audit: 'echo audited' }],
};

export type RunScript = (script: string) => Promise<{ code: number | null; output: string }>;

/**
 * A farm for the commands of one page: its project `shop` has one job that found something. The script sees ADMIN and
 * TOKEN (bearers), JOB and FINDING (ids), `shop.json` in its folder, and the program as `npx crafting-table`.
 */
export async function withPageFarm(work: (run: RunScript) => Promise<void>): Promise<void> {
  const receiver = await openReceiver();
  try {
    await withFarm(
      async ({ url, dir, dataDir, admin, http, repository }) => {
        const { json: minted } = await http.post('/admin/tokens', {
          name: 'shop-people',
          is_admin: false,
          ip_cidrs: [],
        });
        const bearer = minted.bearer as string;
        const document = { ...shop, git_url: repository };
        await http.post('/projects', document, { bearer });
        const { json: queued } = await http.post('/projects/shop/jobs', { recipe: 'lint' }, { bearer });
        await http.ended(queued.job_id);
        const { json: found } = await http.get('/findings?project=shop', { bearer });
        const folder = join(dir, 'page');
        const home = join(dir, 'home');
        for (const one of [folder, home, join(dir, 'bin')]) mkdirSync(one);
        writeFileSync(join(folder, 'shop.json'), JSON.stringify({ ...document, name: 'shop2' }));
        for (const name of ['token.txt', 'npm.token']) writeFileSync(join(folder, name), bearer);
        writeShims(join(dir, 'bin'));
        const env = {
          PATH: [join(dir, 'bin'), join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter),
          HOME: home,
          ADMIN: admin,
          TOKEN: bearer,
          JOB: queued.job_id as string,
          FINDING: String(found.findings[0].id),
          CRAFTING_DATA_DIR: dataDir,
          CRAFTING_TABLE_BASE_URL: url,
          CRAFTING_TABLE_TOKEN: bearer,
          CRAFTING_ALLOW_LOCAL_REPOS: '1',
          NO_COLOR: '1',
          NODE_COMPILE_CACHE: compileCache,
        };
        const here: Record<string, string> = {
          'http://127.0.0.1:8810': url,
          'https://git.example.org/team/shop.git': repository,
          'http://192.168.0.7/hook': receiver.url,
        };
        await work((script) => runIn(folder, env, replaced(script, here)));
      },
      { env: { CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' }, files },
    );
  } finally {
    await receiver.close();
  }
}

/** `npx` as it is in a clone. */
function writeShims(bin: string): void {
  const program = (name: string, code: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${code}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program(
    'npx',
    `case "$1" in
crafting-table) shift; exec node '${join(root, 'services/cli/main.ts')}' "$@" ;;
crafting-table-mcp) exec node '${join(root, 'services/mcp/main.ts')}' < /dev/null ;;
esac
echo "npx: $1 is not a command of the pages" >&2; exit 2`,
  );
}

function replaced(script: string, here: Record<string, string>): string {
  return Object.entries(here).reduce((code, [there, ours]) => code.replaceAll(there, ours), script);
}

async function runIn(cwd: string, env: NodeJS.ProcessEnv, script: string) {
  const child = spawn('bash', ['-s'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(script);
  const [code, out, err] = await Promise.all([
    new Promise<number | null>((ended) => child.once('close', ended)),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, output: `${err}\n--- printed ---\n${out}` };
}
