import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { roleNames } from '../../../services/config-kinds.ts';
import { noBrowser, openBrowser, policyFaults, signIn, type Visit, visit } from '../../support/browser.ts';
import { type TestFarm, withFarm } from '../../support/farm.ts';
import { hostileTexts } from '../../support/hostile-text.ts';
import { until } from '../../support/until.ts';
import { enqueue, register } from '../api/registered.ts';
import { bottleIdOf, tellOfAgents } from './agent-events.ts';

const sarif = JSON.stringify({
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'semgrep',
          rules: hostileTexts.map((text, at) => ({ id: `r${at} ${text}`, helpUri: text, shortDescription: { text } })),
        },
      },
      results: hostileTexts.map((text, at) => ({
        ruleId: `r${at} ${text}`,
        level: at % 2 ? 'error' : 'warning',
        message: { text: `${at} ${text}` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: at % 3 ? `src/${at}.js` : `src/${at}\u202esj.js` },
              region: { startLine: 1 },
            },
          },
        ],
      })),
    },
  ],
});

const files = {
  'report.sarif': sarif,
  'hostile.log': `${hostileTexts.join('\n')}\n`,
  ...Object.fromEntries(hostileTexts.map((text, at) => [`src/${at}.js`, `${text}\n${text}\n`])),
};

/** What would be there if a text had become markup, or a link that runs something. */
const strange = `[
  globalThis.pwned,
  ...[...document.querySelectorAll('main img, main iframe, main script, main object, main embed, main video, main style, main base, main meta, main form[action]')].map(({ outerHTML }) => outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll('a')].map(({ protocol, href }) => protocol + ' ' + href).filter((one) => !/^https?:/.test(one)),
  document.documentElement.scrollWidth > document.documentElement.clientWidth ? 'wider than the window' : undefined,
  document.querySelector('h1') ? undefined : 'no heading',
  ...(/.{0,20}[\\u202a-\\u202e\\u2066-\\u2069]/.exec(document.body.innerText) ?? []).map((text) => 'turns: ' + JSON.stringify(text)),
].filter(Boolean)`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const everyRule = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** What of agents at work is told here; nobody else acts on it. */
const env = { CRAFTING_ROLES: roleNames.filter((role) => role !== 'bottler' && role !== 'orchestrator').join(',') };

const pagesOfAgents = [
  '/bottles',
  '/bottles?tab=all',
  ...['', '?tab=calls', '?tab=egress', '?tab=diff', '?tab=why'].map((tab) => `/bottles/${bottleIdOf(3)}${tab}`),
  `/bottles/${bottleIdOf(2)}?tab=egress`,
  '/usage?by=model',
  '/usage?tab=budgets&level=attempt',
  '/work',
  '/work/hostile-17',
  '/work/hostile-17?tab=bottles',
];

/** The pages of agents hold to WCAG 2.2 AA in both themes, with the worst that can stand in them. */
async function holdToTheRules({ page, follow }: Visit): Promise<void> {
  const violations: string[] = [];
  for (const path of pagesOfAgents) {
    await follow(path);
    const drawing = page.locator('button', { hasText: 'Drawing' });
    if ((await drawing.count()) > 0) await drawing.click();
    if (await page.evaluate<boolean>('!globalThis.axe')) await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const rules = JSON.stringify(colorScheme === 'light' ? everyRule : { runOnly: ['color-contrast'] });
      const found = await page.evaluate<string[]>(`axe.run(${rules})
        .then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`);
      violations.push(...found.map((one) => `${path} ${colorScheme}: ${one}`));
    }
  }
  assert.deepEqual(violations, []);
}

/** By keyboard alone: a bottle is chosen and cut off with a reason, and its page says so; a budget is set by its form. */
async function cutOff({ page, follow }: Visit, { http }: TestFarm): Promise<void> {
  const bottle = async () => (await http.get(`/bottles/${bottleIdOf(1)}`)).json.bottle;
  await follow('/bottles');
  await page.waitForSelector('tr.chosen-row .share');
  await page.keyboard.press('c');
  await page.waitForSelector('dialog[open] textarea:focus');
  await page.keyboard.type('it goes in circles');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(async () => (await bottle()).stop?.detail === 'it goes in circles');
  await page.keyboard.press('o');
  await page.waitForSelector('.problem:has-text("Cut off by admin") p:has-text("it goes in circles")');
  await follow('/usage?tab=budgets');
  await page.selectOption('select[name=level]', 'farm');
  await page.fill('input[name=limit]', '9');
  await page.selectOption('select[name=unit]', 'usd');
  await page.selectOption('select[name=per]', 'month');
  await page.keyboard.press('Enter');
  await page.waitForSelector('tr:has-text("the farm, a month"):has-text("$9.00"):has-text("2 %")');
  await page.locator('tr:has-text("the farm, a month") button').click();
  await page.locator('dialog button.danger').click();
  await until(async () => (await http.get('/budgets?level=farm')).json.budgets.length === 0);
}

test('hostile text in everything that comes from outside stays text on every page', { skip: noBrowser }, async () => {
  await withFarm(
    async (farm) => {
      const browser = await openBrowser();
      try {
        await register(farm, 'hostile', {
          commands: { lint: 'cat hostile.log; echo; cat report.sarif; exit 1', test: 'cat hostile.log; exit 1' },
        });
        const [lint, failing] = [
          await enqueue(farm, 'hostile', { recipe: 'lint' }),
          await enqueue(farm, 'hostile', { recipe: 'test' }),
        ];
        await Promise.all([lint, failing].map(({ job_id }) => farm.http.ended(job_id)));
        const found = (await farm.http('GET', '/findings?limit=500')).json.findings;
        assert.ok(found.length >= hostileTexts.length - 5, `${found.length} findings`);
        const [first, ...others] = hostileTexts;
        await farm.http.post(`/findings/${found[0].id}/suppress`, { reason: `${first} ${others[2]}` });
        await farm.http('PUT', '/projects/hostile', {
          body: {
            git_url: farm.repository,
            subprojects: [{ path: '.', language: 'shell', lint: hostileTexts[1], test: hostileTexts[2] }],
          },
        });
        let said = 0;
        const say = () => hostileTexts[said++ % hostileTexts.length] ?? '';
        await tellOfAgents(farm, { project: 'hostile', owner: 'admin', job_id: failing.job_id, say });
        const person = await visit(browser, farm);
        await signIn(person, farm.admin);
        const paths = [
          '/',
          '/projects',
          '/projects/hostile',
          '/projects/hostile?tab=trends',
          '/projects/hostile?tab=tests',
          '/projects/hostile?tab=patches',
          '/projects/hostile?tab=settings',
          '/jobs',
          ...[lint, failing].flatMap(({ job_id }) =>
            ['', '?tab=findings', '?tab=facts', '?tab=why'].map((tab) => `/jobs/${job_id}${tab}`),
          ),
          '/findings',
          '/findings?state=suppressed',
          ...found.filter((_: unknown, at: number) => at % 12 === 0).map(({ id }: { id: number }) => `/findings/${id}`),
          '/events',
          '/diff',
          '/patches?tab=queue',
          ...pagesOfAgents,
          `/findings?q=${encodeURIComponent(hostileTexts[1] ?? '')}`,
          `/jobs?at=${encodeURIComponent(hostileTexts[0] ?? '')}`,
        ];
        const seen: string[] = [];
        for (const path of paths) {
          await person.follow(path);
          for (const width of [360, 1280]) {
            await person.page.setViewportSize({ width, height: 800 });
            for (const one of await person.page.evaluate<string[]>(strange)) seen.push(`${width} ${path}: ${one}`);
          }
        }
        assert.deepEqual(seen, []);
        await holdToTheRules(person);
        await cutOff(person, farm);
        assert.deepEqual([...person.faults, ...(await policyFaults(person.page))], []);
      } finally {
        await browser.close();
      }
    },
    { files, env },
  );
});
