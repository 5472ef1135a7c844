import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DigestPatch } from '../../../../projections/digests/digest-rows.ts';
import { digestOf } from '../../../../services/digester/rules/digest-content.ts';
import type { ProjectFacts } from '../../../../services/digester/rules/digest-facts.ts';
import { renderHtml } from '../../../../services/digester/rules/digest-html.ts';
import { rendered } from '../../../../services/digester/rules/digest-mails.ts';
import { durationWords, sparkline } from '../../../../services/digester/rules/digest-plain-words.ts';
import { sectionOf } from '../../../../services/digester/rules/digest-section.ts';
import { columnsOf, renderText } from '../../../../services/digester/rules/digest-text.ts';
import { busyDay, changed, facts, failed, finding, job } from './digest-samples.ts';

const contentOf = (...all: ProjectFacts[]) => digestOf('2026-04-29', all.map(sectionOf));
const subjectOf = (...all: ProjectFacts[]) => contentOf(...all).subject;
const titles = (one: ProjectFacts) => sectionOf(one).blocks.map(({ title }) => title);

const criticalCve = finding({ kind: 'cve', severity: 'critical', recipe: 'audit' });
const newlyFailing = finding({ kind: 'test_fail', severity: 'error', recipe: 'test' });

test('the subject says the state in ten words, the worst first', () => {
  const lint = finding();
  assert.equal(
    subjectOf(facts({ changed: changed([criticalCve, newlyFailing, newlyFailing], [lint, lint, lint]) })),
    'clawdforge: 1 new critical CVE, 2 tests newly failing (3 fixed)',
  );
  assert.equal(
    subjectOf(facts({ on: ['nightly_summary'], jobs: [job(), job()] })),
    'clawdforge: nothing new, 2 jobs passed',
  );
  assert.equal(subjectOf(facts({ changed: changed([lint]) })), 'clawdforge: 1 new finding');
  assert.equal(subjectOf(busyDay(), facts({ project: 'a' }), facts({ project: 'b' })).split(': ')[0], '3 projects');
  const state = subjectOf(busyDay()).replace(/^[^:]*: /, '');
  assert.ok(state.split(' ').length <= 10, state);
});

test('each word of notify.on fires as the table says', () => {
  const jobs = {
    passingAudit: job(),
    failingAudit: job(failed),
    failingTest: job({ ...failed, recipe: 'test' }),
    warningLint: job({ recipe: 'lint', warnings: 1 }),
    cleanLint: job({ recipe: 'lint' }),
    failingLint: job({ ...failed, recipe: 'lint' }),
    cveInTest: job({ recipe: 'test', cves: 1 }),
    failingBuild: job({ ...failed, recipe: 'build' }),
    cancelledAudit: job({ outcome: 'cancelled', reason: 'cancelled' }),
  };
  const firing = (word: string) =>
    Object.entries(jobs).flatMap(([name, one]) => (sectionOf(facts({ on: [word], jobs: [one] })).fires ? [name] : []));
  assert.deepEqual(firing('audit_pass'), ['passingAudit']);
  assert.deepEqual(firing('audit_fail'), ['failingAudit']);
  assert.deepEqual(firing('test_fail'), ['failingTest']);
  assert.deepEqual(firing('lint_warn'), ['warningLint']);
  assert.deepEqual(firing('cve_found'), ['cveInTest']);
  assert.deepEqual(firing('patch_drafted'), []);
  assert.deepEqual(firing('nightly_summary'), Object.keys(jobs));
});

test('a draft fires patch_drafted, and nothing else', () => {
  const patches = busyDay().patches;
  assert.equal(sectionOf(facts({ on: ['patch_drafted'], patches })).fires, true);
  assert.equal(sectionOf(facts({ on: ['cve_found'], patches })).fires, false);
  assert.equal(sectionOf(facts({ on: ['patch_drafted'], patches: patches.slice(1) })).fires, false);
  assert.deepEqual(titles(facts({ on: ['cve_found'], patches })), []);
});

test('an attempt that came to nothing is not called drafted, and every line of a farm with an address leads somewhere', () => {
  const step = (seq: number, what: DigestPatch['what'], title: string): DigestPatch => ({
    ...{ seq, patch_id: '16-1', what, title, url: null, number: null },
    finding: finding({ id: 16, code: 'no-var', file: 'src/cart.js', line: 3 }),
  });
  const patches = [step(1, 'drafted', 'eslint offers this edit'), step(2, 'failed', 'verify failed: 1 new finding')];
  const section = sectionOf(facts({ on: ['nightly_summary'], patches }));
  assert.deepEqual([section.counts.drafted, section.counts.patches], [0, 1]);
  const content = contentOf(facts({ on: ['nightly_summary'], patches, jobs: busyDay().jobs }));
  const { text, html } = rendered(content, 'https://farm.example.org');
  assert.doesNotMatch(text, /drafted/);
  assert.match(text, /not mended: verify failed: 1 new finding\n {4}attempt 16-1 to mend no-var in src\/cart\.js:3\n/);
  assert.match(text, /\n {4}https:\/\/farm\.example\.org\/ui\/patches\/16-1\n/);
  assert.match(html, /href="https:\/\/farm\.example\.org\/ui\/jobs\//);
  assert.doesNotMatch(rendered(content).text, /https:/);
});

test('an empty day fires under nightly_summary alone', () => {
  assert.equal(sectionOf(facts()).fires, false);
  assert.equal(sectionOf(facts({ on: ['nightly_summary'] })).fires, true);
  assert.match(renderText(contentOf(facts({ on: ['nightly_summary'] }))), /\nNothing happened\.\n/);
});

test('what calls for somebody comes first, what did not run comes last', () => {
  assert.deepEqual(titles(busyDay()), ['Needs action', 'New', 'Fixed', 'Patches', 'Jobs', 'Did not run']);
  const [action] = sectionOf(busyDay()).blocks;
  assert.deepEqual(
    action?.lines.map(({ label }) => label),
    ['critical CVE', 'high CVE', 'failing test', 'failing test', 'broken build'],
  );
});

test('jobs that are not asked for are not listed', () => {
  const jobs = [job(failed), job({ recipe: 'test' })];
  const shown = (on: string[]) => sectionOf(facts({ on, jobs })).blocks.find(({ title }) => title === 'Jobs')?.lines;
  assert.equal(shown(['audit_fail'])?.length, 1);
  assert.equal(shown(['nightly_summary'])?.length, 2);
});

test('a build that was broken and is whole again is not broken', () => {
  const broken = job({ ...failed, recipe: 'build', seq: 1 });
  const whole = job({ recipe: 'build', seq: 2 });
  const builds = (jobs: ReturnType<typeof job>[]) => sectionOf(facts({ on: ['nightly_summary'], jobs })).counts.builds;
  assert.deepEqual([builds([broken]), builds([broken, whole]), builds([whole, broken])], [1, 0, 1]);
});

test('ten thousand findings become a dozen lines and a figure', () => {
  const opened = Array.from({ length: 12 }, () => finding());
  const tallies = [{ opens: 1 as const, recipe: 'lint', rank: 8, count: 10_000 }];
  const { text, html } = rendered(contentOf(facts({ on: ['lint_warn'], changed: { tallies, opened, closed: [] } })));
  for (const form of [text, html]) assert.match(form, /… and 9,988 more/);
  assert.ok(html.length < 20_000);
});

test('the HTML loads nothing, names both colour schemes, and closes what it opens', () => {
  const html = renderHtml(contentOf(busyDay()));
  assert.doesNotMatch(html, /<(img|svg|script|link|iframe|object)|url\(|@import/i);
  assert.match(html, /<meta name="color-scheme" content="light dark">/);
  assert.match(html, /prefers-color-scheme:dark/);
  const [opened, closed] = [html.match(/<div/g), html.match(/<\/div>/g)];
  assert.equal(opened?.length, closed?.length);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
  assert.deepEqual(
    links,
    busyDay()
      .patches.concat(busyDay().openPulls)
      .flatMap(({ url }) => url ?? []),
  );
});

test('whatever tools say, no line is wider than 78 columns and no tag comes through', () => {
  const words = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(words, words, words, (message, file, code) => {
      const opened = [finding({ message, file, code, subproject: file })];
      const jobs = [job({ ...failed, recipe: 'lint', warnings: 1, subproject: file || '.', not_observed: message })];
      const { text, html } = rendered(contentOf(facts({ on: ['lint_warn'], jobs, changed: changed(opened) })));
      for (const line of text.split('\n')) assert.ok(columnsOf(line) <= 78, JSON.stringify(line));
      const tags = html.replace(
        /<(\/?)(!doctype|html|head|meta|title|style|body|div|h[123]|p|strong|span)\b[^<>]*>/g,
        '',
      );
      assert.doesNotMatch(tags.replace(/[^<>]*\{[^<>]*\}/, ''), /[<>]/);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.constantFrom('<b>x</b>', 'https://a.b/c', '界'.repeat(100), 'a'.repeat(500)), (message) => {
      const { text, html } = rendered(contentOf(facts({ changed: changed([finding({ message, code: null })]) })));
      for (const line of text.split('\n')) assert.ok(columnsOf(line) <= 78, line);
      assert.doesNotMatch(html, /<b>/);
      assert.doesNotMatch(text + html, /https:\/\//);
    }),
  );
});

test('durations and bars are short', () => {
  assert.deepEqual([0, 890, 42_000, 341_000, 4_212_000].map(durationWords), [
    '0 ms',
    '890 ms',
    '42 s',
    '5 min 41 s',
    '1 h 10 min',
  ]);
  assert.equal(sparkline([0, 1, 2, 4]), '▁▃▅█');
  assert.equal(sparkline([0, 0]), '▁▁');
});
