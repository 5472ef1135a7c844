import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { toolOnPath } from '../../recipes/detection/tools.ts';

const root = resolve(dirname(import.meta.dirname), '..');
const project = 'crafting-table-image-test';
const notTried: string[] = [];
const failed: string[] = [];

type Ran = { readonly ok: boolean; readonly seconds: string; readonly output: string };

function run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const [program = '', ...args] = words;
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return { ok: status === 0, seconds, output: `${stdout}${stderr}` };
}

/** Runs a step and says how it went; what it printed is shown in part where it failed. */
function step(what: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const ran = run(words, env);
  process.stdout.write(`${ran.ok ? '✔' : '✘'} ${what} (${ran.seconds} s)\n`);
  if (ran.ok) return ran;
  failed.push(what);
  process.stdout.write(`${ran.output.split('\n').slice(-25).join('\n')}\n`);
  return ran;
}

/** The first engine that is there and answers. */
function findEngine(): string | null {
  const asked = [process.env['IMAGE_ENGINE'] ?? '', 'docker', 'podman', 'buildah'].filter(Boolean);
  return asked.find((name) => toolOnPath(name, process.env) !== undefined && run([name, 'info']).ok) ?? null;
}

function build(engine: string, target: 'service' | 'debian'): boolean {
  const tag = `crafting-table:${target}`;
  const options = (process.env['IMAGE_BUILD_OPTIONS'] ?? '').split(' ').filter(Boolean);
  const built = step(`build ${target}`, [engine, 'build', ...options, '--target', target, '-t', tag, '.']);
  if (built.ok && engine !== 'buildah') {
    const size = run([engine, 'image', 'inspect', '--format', '{{.Size}}', tag]).output.trim();
    process.stdout.write(`  ${tag} has ${Math.round(Number(size) / 1e6)} MB\n`);
  }
  return built.ok;
}

function smoke(engine: string): void {
  const shut = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--tmpfs', '/tmp:exec,mode=1777'];
  const { output } = step('smoke in debian, without a network', [
    engine,
    'run',
    '--rm',
    ...shut,
    'crafting-table:debian',
    'smoke.sh',
  ]);
  process.stdout.write(output);
}

// A repository that is read over plain files, so that the image itself can serve it.
const repository = `set -e; cd /tmp; git init -q -b main r; cd r; echo hello from the repository > hello.txt; git add .
git -c user.name=x -c user.email=x@localhost commit -qm first; git update-server-info; cd .git
exec node -e 'require("http").createServer((q,s)=>{try{s.end(require("fs").readFileSync("."+decodeURI(new URL(q.url,"http://x").pathname).replace("/r.git","")))}catch{s.writeHead(404).end()}}).listen(8080)'`;

/** The whole stack of compose.yml on the image `service`: a job through it, more runners, and everything gone again. */
function stack(engine: string): void {
  const env = {
    COMPOSE_PROJECT_NAME: project,
    CRAFTING_TARGET: 'service',
    CRAFTING_PUBLISH: '127.0.0.1:0',
    CRAFTING_NETWORK: `${project}-lan`,
    CRAFTING_SLOTS: '2',
  };
  const compose = (...words: string[]) => [engine, 'compose', '--profile', 'scale', ...words];
  const inFarm = (...words: string[]) => compose('exec', '-T', 'crafting-table', ...words);
  try {
    const up = [engine, 'compose', 'up', '-d', '--no-build', '--wait', '--wait-timeout', '120'];
    if (!step('compose up', up, env).ok) {
      process.stdout.write(run(compose('logs', '--tail', '15'), env).output);
      return;
    }
    const serve = ['--name', `${project}-repository`, '--network', `${project}-lan`, '--network-alias', 'repository'];
    step('a repository', [
      engine,
      'run',
      '-d',
      '--rm',
      '--init',
      ...serve,
      'crafting-table:service',
      'sh',
      '-c',
      repository,
    ]);
    const jobs = inFarm('node', '/app/services/image/some-jobs.ts', 'http://repository:8080/r.git');
    process.stdout.write(step('jobs through the stack', jobs, env).output);
    process.stdout.write(step('doctor in the stack', inFarm('crafting-table', 'doctor'), env).output);
    const more = compose('up', '-d', '--no-build', '--wait', '--wait-timeout', '120', '--scale', 'runner=2');
    if (step('two more runners', more, env).ok) process.stdout.write(step('jobs with them', jobs, env).output);
    step('restart', compose('restart', 'nats', 'crafting-table'), env);
    step('up again', up, env);
    process.stdout.write(step('jobs after the restart', jobs, env).output);
  } finally {
    run([engine, 'rm', '-f', `${project}-repository`]);
    step('compose down', compose('down', '-v', '--timeout', '45'), env);
  }
}

function main(): number {
  const engine = findEngine();
  if (engine === null) {
    process.stdout.write('Nothing was tried: neither docker, podman nor buildah is here and answers.\n');
    return 0;
  }
  process.stdout.write(`with ${engine}\n`);
  const built = build(engine, 'service');
  if (process.argv.includes('--service-only')) notTried.push('the target debian: --service-only');
  else if (build(engine, 'debian') && engine !== 'buildah') smoke(engine);
  if (engine === 'buildah') notTried.push('running: buildah only builds');
  else if (!run([engine, 'compose', 'version']).ok) notTried.push(`the stack: ${engine} has no compose here`);
  else if (built) stack(engine);
  notTried.push('the target full: it needs checksums that are looked up at the vendors (services/image/README.md)');
  for (const line of notTried) process.stdout.write(`not tried: ${line}\n`);
  for (const line of failed) process.stdout.write(`failed: ${line}\n`);
  return failed.length === 0 ? 0 : 1;
}

process.exit(main());
