import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { showsNow } from '../../../services/web/rules/shown-at.ts';
import { noBrowser, openBrowser, policyFaults, settled, signIn, type Visit, visit } from '../../support/browser.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';
import { enqueue, eslintReport, register } from '../api/registered.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let farm: TestFarm;
let browser: Browser;
let person: Visit;
let jobId = '';
let findingId = 0;

/** Output with a colour, a finding, and enough lines to scroll. */
const noisy = 'printf "\\033[31mred words\\033[0m\\n"; seq 1 3000; cat report.json; exit 1';

/** Output that comes line by line, for as long as somebody looks. */
const growing = 'for i in $(seq 300); do echo step $i; sleep 0.3; done';

before(async () => {
  if (noBrowser) return;
  [farm, browser] = await Promise.all([
    openFarm({
      files: {
        'report.json': eslintReport('a.js', "'first' is not defined", 2),
        'a.js': 'const a = 1;\nfirst(a);\nlast(a);\n',
      },
    }),
    openBrowser(),
  ]);
  await register(farm, 'shop', {
    commands: { lint: noisy, test: 'true', build: growing },
    schedule: { test: '0 3 * * *' },
  });
  jobId = (await enqueue(farm, 'shop', { recipe: 'lint' })).job_id;
  await farm.http.ended(jobId);
  const { json } = await farm.http('GET', '/findings');
  findingId = json.findings[0].id;
  person = await visit(browser, farm);
});
after(async () => {
  await browser?.close();
  await farm?.close();
});

const options = { skip: noBrowser };

/** What does not depend on colours is the same in both themes. */
const rulesOfAxe = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** Nothing was stopped by the policy, thrown, or asked of somebody else. */
async function assertClean({ page, faults }: Visit): Promise<void> {
  assert.deepEqual([...faults, ...(await policyFaults(page))], []);
}

const pagesToSee = () => [
  '/',
  '/projects',
  '/projects/shop',
  '/projects/shop?tab=trends',
  '/projects/shop?tab=tests',
  '/projects/shop?tab=schedules',
  '/projects/shop?tab=patches',
  '/projects/shop?tab=webhooks',
  '/projects/shop?tab=settings',
  '/jobs',
  `/jobs/${jobId}`,
  `/jobs/${jobId}?tab=findings`,
  `/jobs/${jobId}?tab=facts`,
  `/jobs/${jobId}?tab=green`,
  `/jobs/${jobId}?tab=why`,
  '/findings',
  `/findings/${findingId}`,
  '/patches',
  '/patches?tab=queue',
  '/schedules',
  '/events',
  '/diff',
  '/digests',
  '/fleet',
  '/admin',
  '/admin?tab=runners',
  '/admin?tab=subscribers',
  '/admin?tab=audit',
  '/nowhere',
];

test(
  'a link opens its page after signing in, a wrong token is refused, and the token stays nowhere',
  options,
  async () => {
    const { page, open } = person;
    await open(`/jobs/${jobId}#L7`);
    await page.waitForURL(/\/ui\/sign-in\?next=/);
    await page.fill('input[name=token]', 'ct_wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.problem');
    await page.fill('input[name=token]', farm.admin);
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/ui/jobs/${jobId}#L7$`));
    await page.waitForSelector('.code-line.chosen');
    const kept = await page.evaluate<string>(
      'document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + location.href',
    );
    assert.ok(!kept.includes(farm.admin));
    await assertClean(person);
  },
);

test(
  'the log of a job shows colours, is searched, jumps to its error, and draws only what is looked at',
  options,
  async () => {
    const { page } = person;
    assert.equal((await page.locator('.log .code-line').count()) < 120, true);
    await page.fill('.log input[type=search]', '2999');
    await page.waitForSelector('.log-bar [role=status]:has-text("1 line")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#L3000.marked');
    await page.locator('.log-bar button', { hasText: 'First error' }).click();
    await page.waitForURL(/#L3002$/);
    await page.waitForSelector('#L3002 .beside');
    await page.locator('.log-box').evaluate((box) => box.scrollTo(0, 0));
    await page.waitForSelector('#L1 .fg-1');
    assert.equal(await page.locator('#L1 .fg-1').textContent(), 'red words');
    // A log that is written grows on the page, and so does the time.
    const { job_id } = await enqueue(farm, 'shop', { recipe: 'build' });
    await person.open(`/jobs/${job_id}`);
    await page.waitForSelector('.log-bar:has-text("so far") ~ .log-box #L4');
    await page.waitForSelector('.facts:has-text("Ran2")');
    await farm.http.post(`/jobs/${job_id}/cancel`, {});
    await farm.http.ended(job_id);
    await assertClean(person);
  },
);

test('findings are gone through by keyboard: chosen, suppressed with a reason, and taken back', options, async () => {
  const { page, open } = person;
  await open('/findings');
  await page.waitForSelector('.triage-list .chosen-row');
  await page.keyboard.press('x');
  await page.waitForSelector('.triage-list input:checked');
  await page.keyboard.press('s');
  await page.fill('dialog textarea', 'a fixture, on purpose');
  await page.locator('dialog button.primary').click();
  await page.waitForSelector('.toast');
  await until(async () => (await farm.http('GET', `/findings/${findingId}`)).json.finding.state === 'suppressed');
  await page.keyboard.press('u');
  await until(async () => (await farm.http('GET', `/findings/${findingId}`)).json.finding.state === 'open');
  await page.keyboard.press('?');
  assert.match((await page.locator('dialog').textContent()) ?? '', /suppress with a reason/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await open(`/findings/${findingId}`);
  await page.waitForSelector('.facts:has-text("wrote the line")');
  await page.locator('button', { hasText: 'Assign to me' }).click();
  await page.locator('button', { hasText: 'Assign to nobody' }).click();
  await page.waitForSelector('.facts:has-text("Assigned tonobody")');
  await assertClean(person);
});

test('a page follows what happens, and goes on by itself after the network was away', options, async () => {
  const { page, open, context } = person;
  await open('/jobs');
  await page.waitForSelector('.live.live');
  const { job_id } = await enqueue(farm, 'shop', { recipe: 'test' });
  await page.waitForSelector(`a[href$="/ui/jobs/${job_id}"]`);
  await context.setOffline(true);
  await page.waitForSelector('.notice.warn');
  const { job_id: second } = await enqueue(farm, 'shop', { recipe: 'test' });
  await farm.http.ended(second);
  await context.setOffline(false);
  await page.waitForSelector('.live.live');
  await page.waitForSelector(`a[href$="/ui/jobs/${second}"]`);
  // What somebody else decides meanwhile leaves the list, and comes back to it.
  await open('/findings');
  await page.waitForSelector(`#finding-${findingId}`);
  await farm.http.post(`/findings/${findingId}/suppress`, { reason: 'of somebody else' });
  await page.waitForSelector(`#finding-${findingId}`, { state: 'detached' });
  await farm.http.post(`/findings/${findingId}/unsuppress`, { reason: 'of somebody else' });
  await page.waitForSelector(`#finding-${findingId}`);
  await assertClean(person);
});

test(
  'the moment that is looked at stays over pages, shows what was then, and lets nothing be changed',
  options,
  async () => {
    const { page, open } = person;
    await open('/jobs?at=1');
    assert.match((await page.locator('.notice.past').textContent()) ?? '', /event 1/);
    await page.waitForSelector('.empty');
    await person.follow('/admin?at=1');
    await page.waitForSelector('.notice:has-text("how things are now")');
    assert.ok(await page.locator('button', { hasText: 'Make it' }).isDisabled());
    await page.locator('.side a', { hasText: 'Findings' }).click();
    await page.waitForURL(/findings\?at=1/);
    await page.waitForSelector('.notice.past');
    await page.waitForSelector('.empty');
    await page.locator('button', { hasText: 'Back to now' }).click();
    await page.waitForSelector('.triage-list li');
    await page.goBack();
    await page.waitForURL(/at=1/);
    await assertClean(person);
  },
);

test('what the page did and would do stands in it as commands', options, async () => {
  const { page, open } = person;
  await open(`/jobs/${jobId}`);
  await page.keyboard.press('<');
  const words = (await page.locator('dialog').textContent()) ?? '';
  assert.ok(
    words.includes(`curl -fsS -X POST -H "Authorization: Bearer $TOKEN" '${farm.url}/jobs/${jobId}/rerun'`),
    words,
  );
  assert.ok(words.includes(`'${farm.url}/jobs/${jobId}'`));
  assert.ok(!words.includes(farm.admin));
  await page.keyboard.press('Escape');
});

test(
  'the settings of a project are a form over the schema, and the difference is shown before they are saved',
  options,
  async () => {
    const { page, open } = person;
    await open('/projects/shop?tab=settings');
    await page.waitForSelector('fieldset legend');
    await page.locator('label', { hasText: 'Supersede' }).locator('input').check();
    await page.locator('button', { hasText: 'Look at the difference' }).click();
    assert.match((await page.locator('dialog .added').allTextContents()).join(), /"supersede": true/);
    await page.locator('dialog button.primary').click();
    await until(async () => (await farm.http('GET', '/projects/shop')).json.project.supersede === true);
    await assertClean(person);
  },
);

/** Somebody with a token of their own in a browser of their own. */
async function somebody(name: string, more: Record<string, unknown> = {}): Promise<Visit> {
  const { json, text } = await farm.http.post('/admin/tokens', { name, is_admin: false, ip_cidrs: [], ...more });
  assert.ok(json.bearer, text);
  const guest = await visit(browser, farm);
  await signIn(guest, json.bearer);
  return guest;
}

test(
  'settings that were typed and not saved are kept, told of, and asked for before the tab is closed',
  options,
  async () => {
    const guest = await visit(browser, farm);
    await signIn(guest, farm.admin);
    const { page, open, follow, faults } = guest;
    await open('/projects/shop?tab=settings');
    const branch = page.locator('label', { hasText: 'Default branch' }).locator('input');
    await branch.fill('next');
    await page.waitForSelector('.notice:has-text("not saved")');
    await follow('/jobs');
    await page.waitForSelector('.toast:has-text("The settings of shop are not saved")');
    await page.goBack();
    await page.waitForSelector('.notice:has-text("not saved")');
    assert.equal(await branch.inputValue(), 'next');
    // Somebody else saves meanwhile: the draft stays, and says so.
    const { json } = await farm.http('GET', '/projects/shop');
    const {
      owner: _,
      has_credential: __,
      forge_access: ___,
      created_at: ____,
      updated_at: _____,
      ...document
    } = json.project;
    assert.equal((await farm.http('PUT', '/projects/shop', { body: { ...document, retry_lost: true } })).status, 200);
    await page.waitForSelector('.notice:has-text("Somebody else saved")');
    assert.equal(await branch.inputValue(), 'next');
    assert.deepEqual(faults, []);
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    assert.equal((await asked).type(), 'beforeunload');
    await until(async () => faults.length > 0);
    await page.locator('button', { hasText: 'Take back' }).click();
    await page.waitForSelector('.notice.warn', { state: 'detached' });
    const gone = page.waitForEvent('close');
    await page.close({ runBeforeUnload: true });
    await gone;
    assert.equal(faults.length, 1);
    await guest.context.close();
  },
);

test('who may only read sees settings that cannot be typed into, with the reason', options, async () => {
  const guest = await somebody('reader', { team: 'admin', role: 'viewer', scopes: ['read'] });
  await guest.open('/projects/shop?tab=settings');
  await guest.page.waitForSelector('fieldset legend');
  const words = (await guest.page.locator('.notice.info').textContent()) ?? '';
  assert.match(words, /reader is viewer of admin, without the scope write/);
  assert.ok(await guest.page.locator('label', { hasText: 'Default branch' }).locator('input').isDisabled());
  await guest.page.waitForSelector('textarea.raw-document:read-only');
  assert.equal(await guest.page.locator('button', { hasText: 'save' }).count(), 0);
  await assertClean(guest);
  await guest.context.close();
});

test(
  'each filter of jobs is a step back, and comes back with its list; what is typed in one go is one',
  options,
  async () => {
    const { page, open } = person;
    const { status } = (await farm.http('GET', `/jobs/${jobId}`)).json.job;
    await open('/jobs');
    const filter = (label: string) => page.locator('.filters label', { hasText: label }).locator('select, input');
    await filter('State').selectOption(status);
    await page.waitForURL(new RegExp(`\\?status=${status}$`));
    await filter('Branch').pressSequentially('ma');
    await page.waitForURL(/branch=ma$/);
    await filter('Branch').pressSequentially('in');
    await page.waitForURL(/branch=main$/);
    await page.goBack();
    await page.waitForURL(new RegExp(`\\?status=${status}$`));
    assert.deepEqual([await filter('State').inputValue(), await filter('Branch').inputValue()], [status, '']);
    await page.waitForSelector(`tbody a[href$="${jobId}"]`);
    await page.goBack();
    await page.waitForURL(/\/ui\/jobs$/);
    assert.equal(await filter('State').inputValue(), '');
    await page.goForward();
    await page.goForward();
    await page.waitForURL(new RegExp(`status=${status}&branch=main$`));
    assert.deepEqual([await filter('State').inputValue(), await filter('Branch').inputValue()], [status, 'main']);
    await assertClean(person);
  },
);

test(
  'a filter that the farm does not know is named with what it takes, and is taken away by a button',
  options,
  async () => {
    const { page, open } = person;
    for (const [path, wrong, allowed] of [
      ['/jobs?recipe=paint', 'recipe', /build, test, lint, audit.*; found "paint"/],
      ['/jobs?since=soon', 'since', /ISO 8601 time; found "soon"/],
      ['/findings?severity=awful', 'severity', /critical, high.*found "awful"/],
    ] as const) {
      await open(path);
      const said = (await page.locator('.problem').textContent()) ?? '';
      assert.ok(said.includes(wrong), said);
      assert.match(said, allowed);
      await page.locator('.problem button', { hasText: 'away' }).click();
      await page.waitForSelector('.problem', { state: 'detached' });
      assert.equal(new URL(page.url()).search, '');
    }
    await open('/jobs?state=failed');
    assert.match(
      (await page.locator('.notice.warn').textContent()) ?? '',
      /takes no state in its address; it takes project, status/,
    );
    await page.locator('.notice button', { hasText: 'Take it away' }).click();
    await page.waitForURL(/\/ui\/jobs$/);
    await open('/projects/shop?tab=everything');
    await page.waitForSelector('.notice:has-text("has no part everything")');
    await assertClean(person);
  },
);

test('a causal drawing keeps its words within boxes that do not meet, and a finding of it opens', options, async () => {
  const { page, open } = person;
  await open(`/jobs/${jobId}?tab=why`);
  await page.locator('button', { hasText: 'Drawing' }).click();
  await page.waitForSelector('.graph .node');
  const faults = await page.evaluate<string[]>(`(() => {
    const boxes = [...document.querySelectorAll('.graph .node')].map((node) => [node, node.getBoundingClientRect()]);
    const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return boxes.flatMap(([node, box], at) => [
      ...[...node.querySelectorAll('.ellipsis')].filter((words) => !within(words.getBoundingClientRect(), box)).map((words) => 'leaves its box: ' + words.textContent),
      ...boxes.slice(at + 1).filter(([, other]) => meet(box, other)).map(() => 'meets another: ' + node.textContent),
    ]);
  })()`);
  assert.deepEqual(faults, []);
  await page.locator('.graph a.node.finding').first().click();
  await page.waitForURL(new RegExp(`/ui/findings/${findingId}$`));
  await page.waitForSelector('h1:has-text("not defined")');
  await open(`/jobs/${jobId}?tab=why`);
  await page.locator('button', { hasText: 'List' }).click();
  await assertClean(person);
});

test(
  'what findings are narrowed to is saved for oneself or the team, opened by keyboard, and taken back',
  options,
  async () => {
    const { page, open } = person;
    await open('/findings?tool=eslint&state=all');
    await page.keyboard.press('w');
    await page.fill('dialog input[name=name]', 'all of eslint');
    await page.locator('dialog label', { hasText: 'my team' }).click();
    await page.locator('dialog button.primary').click();
    await page.waitForSelector('.saved a.chosen:has-text("all of eslint")');
    const guest = await somebody('colleague', { team: 'admin', role: 'viewer', scopes: ['read'] });
    await guest.open('/findings');
    await guest.page.waitForSelector('.saved a');
    await guest.page.keyboard.press('v');
    await guest.page.keyboard.press('Enter');
    await guest.page.waitForURL(/tool=eslint/);
    await guest.page.waitForSelector('.saved a.chosen');
    await guest.page.waitForSelector(`#finding-${findingId}`);
    assert.equal(await guest.page.locator('.saved li button').count(), 0);
    await guest.page.locator('button', { hasText: 'Save this filter' }).click();
    assert.equal(await guest.page.locator('dialog label', { hasText: 'my team' }).count(), 0);
    await guest.page.keyboard.press('Escape');
    await assertClean(guest);
    await guest.context.close();
    await page.locator('button[aria-label="Remove the filter all of eslint"]').click();
    await page.waitForSelector('.saved li', { state: 'detached' });
    await page.keyboard.press('u');
    await page.waitForSelector('.saved a:has-text("all of eslint")');
    await assertClean(person);
  },
);

test('where no patch can be drafted the page says why instead of offering it', options, async () => {
  const { page, open } = person;
  await open(`/findings/${findingId}`);
  await page.waitForSelector('.panel:has-text("No patch can be drafted now.")');
  assert.equal(await page.locator('button', { hasText: 'Draft a patch' }).count(), 0);
  await page.keyboard.press('d');
  await page.waitForSelector('.toast:has-text("No patch can be drafted")');
  await open('/findings');
  await page.locator('button', { hasText: 'Why no patch' }).click();
  await page.waitForSelector('.toast:has-text("No patch can be drafted")');
  assert.equal(await page.locator('button', { hasText: 'Draft a patch' }).count(), 0);
  const { json } = await farm.http('GET', `/findings/${findingId}`);
  assert.equal(json.patching.actionable, false);
  await assertClean(person);
});

test('a token is made, shown once, signs in, and its sessions end when it is revoked', options, async () => {
  const { page, open } = person;
  await open('/admin');
  await page.fill('form input[name=name]', 'guest');
  await page.locator('form button', { hasText: 'Make it' }).click();
  const secret = (await page.locator('.secret').textContent()) ?? '';
  assert.match(secret, /^ct_/);
  await page.locator('dialog button', { hasText: 'I have it' }).click();
  assert.ok(!(await page.content()).includes(secret));
  const guest = await visit(browser, farm);
  await signIn(guest, secret);
  await guest.open('/projects/shop');
  const shown = async () => (await guest.page.locator('main').textContent())?.replace(/Request [\w-]+/, '');
  const hidden = await shown();
  await guest.open('/projects/never-was');
  assert.equal(await shown(), hidden);
  await guest.page.waitForSelector('.live.live');
  await farm.http('DELETE', '/admin/tokens/guest');
  await guest.page.waitForURL(/sign-in\?next=%2Fui%2Fprojects%2Fnever-was/);
  assert.deepEqual(guest.faults, []);
  await guest.context.close();
});

test(
  'a link that is good once signs in, leaves nothing of itself, and opens the page that was asked for',
  options,
  async () => {
    const { json } = await farm.http.post('/session/codes', {});
    const guest = await visit(browser, farm);
    const [path, code] = json.path.split('#');
    await guest.page.goto(`${farm.url}${path}?next=${encodeURIComponent('/ui/schedules')}#${code}`);
    await guest.page.waitForURL(/\/ui\/schedules$/);
    await guest.page.goBack();
    assert.ok(!guest.page.url().includes('code='));
    const again = await visit(browser, farm);
    await again.page.goto(`${farm.url}${json.path}`);
    await again.page.waitForSelector('.problem');
    assert.ok(!again.page.url().includes('code='));
    assert.deepEqual([...guest.faults, ...again.faults], []);
    await Promise.all([guest, again].map(({ context }) => context.close()));
  },
);

const violationsOf = (page: Visit['page'], asked: object) =>
  page.evaluate<string[]>(`axe.run(${JSON.stringify(asked)})
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`);

test('every page holds to WCAG 2.2 AA in both themes, and to the width of a telephone', options, async () => {
  const { page } = person;
  const violations: string[] = [];
  await person.open('/');
  for (const path of pagesToSee()) {
    await person.follow(path);
    if (await page.evaluate<boolean>('!globalThis.axe')) await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await violationsOf(page, colorScheme === 'light' ? rulesOfAxe : { runOnly: ['color-contrast'] });
      violations.push(...found.map((one) => `${path} ${colorScheme}: ${one}`));
    }
    await page.setViewportSize({ width: 360, height: 780 });
    const wider = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (wider > 0) violations.push(`${path}: ${wider} px wider than 360`);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(violations, []);
  await assertClean(person);
});

test(
  'every page shows what was then: before there was anything, nothing of it, or says that it shows now',
  options,
  async () => {
    const { page } = person;
    const wrong: string[] = [];
    await person.open('/?at=1');
    for (const path of pagesToSee()) {
      const { pathname, searchParams } = new URL(path, farm.url);
      const asked = new URLSearchParams(searchParams);
      asked.set('at', '1');
      await person.follow(`${pathname}?${asked}`);
      const [notices, words] = await page.evaluate<[string, string]>(
        `[[...document.querySelectorAll('.notice')].map(({ innerText }) => innerText).join(), document.querySelector('main').innerText]`,
      );
      const pattern = pathname === '/projects/shop' ? '/projects/:name' : pathname;
      const isNow = showsNow(pattern, searchParams.get('tab'));
      if (!/event 1\b/.test(notices)) wrong.push(`${path} does not say of when it is: ${notices}`);
      if (isNow !== /how things are now/.test(notices))
        wrong.push(`${path} says wrongly whether it is of now: ${notices}`);
      if (!isNow && /not defined|lint of shop|FindingDetected/.test(words))
        wrong.push(`${path} knows what came later: ${words.slice(0, 200)}`);
    }
    assert.deepEqual(wrong, []);
    await assertClean(person);
  },
);

test('two moments differ by what came between, each with the events that made it so', options, async () => {
  const { page, open } = person;
  await open('/diff?from=1&entity=finding');
  const row = page.locator('main .list li', { hasText: 'not defined' });
  assert.match((await row.textContent()) ?? '', /^added.*FindingDetected/s);
  await row.locator('a', { hasText: 'FindingDetected' }).click();
  await page.waitForURL(/\/ui\/events\?from=\d+$/);
  await open('/diff?from=1&to=1');
  await page.waitForSelector('.empty:has-text("Nothing differs")');
  await assertClean(person);
});

test(
  'the keyboard alone reaches the content, and a page that is left has its place in the history',
  options,
  async () => {
    const { page, open } = person;
    await open('/jobs');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL(/\/ui\/events$/);
    await page.goBack();
    await page.waitForURL(/\/ui\/jobs(#main)?$/);
    await settled(page);
    assert.equal(await page.locator('h1').textContent(), 'Jobs');
  },
);
