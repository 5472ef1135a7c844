import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { noBrowser, openBrowser, signIn, visit } from '../test/support/browser.ts';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, printed, quantile } from './figure.ts';

const logBytes = 100 * 1024 * 1024;
const files = 100;
const perFile = 100;
const projects = 40;
const rounds = 12;
const ended = ['succeeded', 'failed', 'cancelled'];

/**
 * The pages in a headless Chromium against a farm of 40 projects, 10,000 open findings and a log of 100 MB: what a first
 * visit is sent, how long from a click to the painted content, how a long log opens and scrolls. No denominators: these
 * are what a person feels.
 */
export async function run(): Promise<Figure[]> {
  if (noBrowser) {
    console.log(`web: left out, ${noBrowser}`);
    return [];
  }
  return inFolder(async (dir) => {
    mkdirSync(join(dir, 'data'));
    const farm = await startBenchFarm({
      dir: join(dir, 'data'),
      withoutGit: true,
      // Its jobs only fill the pages.
      env: { CRAFTING_SANDBOX: 'none' },
    });
    const browser = await openBrowser();
    try {
      const logJob = await fill(farm, dir);
      const person = await visit(browser, farm);
      const bytes = await firstVisit(person.page, farm.url);
      await signIn(person, farm.bearer);
      const figures = [figure('first visit: script, style and documents, brotli', 'kB', bytes / 1000, { atMost: 100 })];
      for (const path of ['/jobs', '/findings', '/projects', '/events', '/fleet', '/'])
        figures.push(await clicks(person.page, path));
      await person.follow('/jobs');
      figures.push(...(await longLog(person.page, logJob)));
      if (person.faults.length > 0) throw new Error(person.faults.join('; '));
      return figures;
    } finally {
      await browser.close();
      await farm.close();
    }
  });
}

const figure = (what: string, unit: string, ours: number, target: Figure['target']): Figure => ({
  ...{ what, unit, ours, target },
  limit: null,
});

/** Projects, findings, and the job with the long log; answers its id. */
async function fill(farm: BenchFarm, dir: string): Promise<string> {
  const [text, report] = [join(dir, 'text'), join(dir, 'report')];
  const line = 'src/module/file.ts: compiled 1 of 1 in 12 ms, nothing to report here\n';
  writeFileSync(text, line.repeat(Math.ceil(logBytes / line.length)).slice(0, logBytes));
  const messages = Array.from({ length: perFile }, (_, at) => ({
    ruleId: `rule-${at % 20}`,
    severity: 1 + (at % 2),
    message: 'bad is bad',
    line: at + 1,
    column: 1,
  }));
  const names = Array.from({ length: files }, (_, file) => `src/file-${file}.js`);
  writeFileSync(
    report,
    JSON.stringify(
      names.map((filePath) => ({ filePath, messages, errorCount: perFile, warningCount: 0, fatalErrorCount: 0 })),
    ),
  );
  const commands = { test: `head -c ${logBytes} ${text}`, lint: `cat ${report}; exit 1 # eslint -f json` };
  for (let at = 0; at < projects; at += 1) {
    const subprojects = [{ path: '.', language: 'javascript', ...(at === 0 ? commands : { test: 'true' }) }];
    await askFor(farm, 'POST', '/projects', { name: `project-${at}`, git_url: dir, subprojects });
    await askFor(farm, 'POST', `/projects/project-${at}/jobs`, { recipe: 'test' });
  }
  await askFor(farm, 'POST', '/projects/project-0/jobs', { recipe: 'lint' });
  for (;;) {
    const { jobs } = await askFor<{ jobs: { job_id: string; status: string; log_bytes: number }[] }>(
      farm,
      'GET',
      '/jobs?limit=100',
    );
    const long = jobs.find(({ log_bytes }) => log_bytes === logBytes);
    if (jobs.every(({ status }) => ended.includes(status))) {
      if (long) return long.job_id;
      throw new Error(`no job has a log of ${logBytes} bytes: ${JSON.stringify(jobs[0])}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Bytes that came over the wire for the first page that a person opens. */
async function firstVisit(page: Page, url: string): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  let bytes = 0;
  client.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(`${url}/ui/`, { waitUntil: 'networkidle' });
  await client.detach();
  return bytes;
}

/** In the page: follows a link, and waits until its content stands there and was painted. Answers ms. */
const follow = (path: string) => `new Promise((done) => {
  const link = [...document.querySelectorAll('.side a')].find((one) => one.getAttribute('href') === '/ui${path}');
  const began = performance.now();
  link.click();
  const look = () => {
    if (location.pathname === '/ui${path}' && document.querySelector('main h1') && !document.querySelector('main .skeleton'))
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

async function clicks(page: Page, path: string): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.evaluate(follow(path === '/schedules' ? '/' : '/schedules'));
    times.push(await page.evaluate<number>(follow(path)));
  }
  const target = { atMost: path === '/' ? 300 : 150 };
  return figure(`click to painted, /ui${path}, p95 of ${rounds}`, 'ms', quantile(times, 0.95), target);
}

/** In the page: opens the job, and scrolls its log from end to end for two seconds. */
const openAndScroll = (id: string) => `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const began = performance.now();
  const link = Object.assign(document.createElement('a'), { href: '/ui/jobs/${id}' });
  document.querySelector('main').append(link);
  link.click();
  while (!document.querySelector('.log-rows .text span')) await frame();
  await frame();
  const opened = performance.now() - began;
  while (document.querySelector('.log-box').scrollHeight < 1_000_000) await frame();
  const box = document.querySelector('.log-box');
  const from = performance.now();
  let frames = 0;
  while (performance.now() - from < 2_000) {
    box.scrollTop = (box.scrollHeight * (performance.now() - from)) / 2_000;
    await frame();
    frames += 1;
  }
  return [opened, (frames * 1_000) / (performance.now() - from)];
})()`;

async function longLog(page: Page, id: string): Promise<Figure[]> {
  const [opened = Number.NaN, frames = Number.NaN] = await page.evaluate<number[]>(openAndScroll(id));
  return [
    figure('a log of 100 MB, from the click to its first lines', 'ms', opened, { atMost: 500 }),
    figure('the same, scrolled from end to end', 'frames/s', frames, { atLeast: 50 }),
  ];
}

if (import.meta.main) await printed(run);
