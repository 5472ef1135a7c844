import { inspect } from 'node:util';
import { run as append } from './append.ts';
import { run as audit } from './audit.ts';
import { run as backup } from './backup.ts';
import { run as dependencies } from './dependencies.ts';
import { run as detection } from './detection.ts';
import { run as digest } from './digest.ts';
import { run as egress } from './egress.ts';
import { run as feed } from './feed.ts';
import { type Bench, type Figure, isMet, tableOf } from './figure.ts';
import { run as findings } from './findings.ts';
import { run as followers } from './followers.ts';
import { run as history } from './history.ts';
import { run as hosts } from './hosts.ts';
import { run as http } from './http.ts';
import { run as jobs } from './jobs.ts';
import { run as logs } from './logs.ts';
import { run as mcp } from './mcp.ts';
import { run as notices } from './notices.ts';
import { run as parse } from './parse.ts';
import { run as patch } from './patch.ts';
import { run as replay } from './replay.ts';
import { run as scale } from './scale.ts';
import { run as spawn } from './spawn.ts';
import { run as start } from './start.ts';
import { run as triage } from './triage.ts';
import { run as trust } from './trust.ts';
import { run as truth } from './truth.ts';
import { run as web } from './web.ts';
import { run as workspace } from './workspace.ts';

const benches: Readonly<Record<string, Bench>> = {
  append,
  audit,
  backup,
  dependencies,
  detection,
  digest,
  egress,
  feed,
  findings,
  followers,
  history,
  hosts,
  http,
  jobs,
  logs,
  mcp,
  notices,
  parse,
  patch,
  replay,
  scale,
  spawn,
  start,
  triage,
  trust,
  truth,
  web,
  workspace,
};

/** Words behind an option are its value. */
const named = process.argv
  .slice(2)
  .filter((word, at, all) => !word.startsWith('-') && !/^--(only|from|most|together|results)$/.test(all[at - 1] ?? ''));
const unknown = named.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`No benchmark is named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}
const figures: Figure[] = [];
const broken: string[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  try {
    figures.push(...(await bench()));
  } catch (error) {
    // What the others measured is not lost for one that cannot.
    process.stderr.write(`${name} did not come to its end: ${inspect(error)}\n`);
    broken.push(name);
  }
}
console.log(tableOf(figures));
const missed = figures.filter((figure) => isMet(figure) === false).length;
console.log(missed === 0 ? 'every target is met' : `${missed} of the targets are missed`);
if (broken.length > 0) {
  console.log(`did not come to their end: ${broken.join(', ')}`);
  process.exitCode = 1;
}
