import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noBrowser, openBrowser, policyFaults, signIn, visit } from '../../support/browser.ts';
import { withFarm } from '../../support/farm.ts';
import { hostileTexts } from '../../support/hostile-text.ts';
import { enqueue, register } from '../api/registered.ts';

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
          `/findings?q=${encodeURIComponent(hostileTexts[1] ?? '')}`,
          `/jobs?at=${encodeURIComponent(hostileTexts[0] ?? '')}`,
        ];
        const seen: string[] = [];
        for (const width of [1280, 360]) {
          await person.page.setViewportSize({ width, height: 800 });
          for (const path of paths) {
            await person.follow(path);
            for (const one of await person.page.evaluate<string[]>(strange)) seen.push(`${width} ${path}: ${one}`);
          }
        }
        assert.deepEqual(seen, []);
        assert.deepEqual([...person.faults, ...(await policyFaults(person.page))], []);
      } finally {
        await browser.close();
      }
    },
    { files },
  );
});
