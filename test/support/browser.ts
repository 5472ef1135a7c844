import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { paced } from './pace.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  process.env.CHROME_BIN ?? '',
];

/** Where this machine has a browser; null where it has none. */
export const browserProgram = places.find((file) => file !== '' && existsSync(file)) ?? null;

/** Says why the tests of pages are skipped; false where they run. The gate installs a browser, and then nothing is skipped. */
export const noBrowser = browserProgram === null ? 'no chromium is on this machine (apt-get install chromium)' : false;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram ?? '', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What pages must never do: break the policy, throw, or ask somebody else. */
  readonly faults: string[];
  /** Opens a page of the farm by its address under /ui, and waits until nothing loads any more. */
  readonly open: (path: string) => Promise<void>;
  /** The same by a link on the page that is open. */
  readonly follow: (path: string) => Promise<void>;
};

/** Writes down what the policy of a page stops. */
const watchPolicy = `globalThis.craftingFaults = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  craftingFaults.push('policy ' + violatedDirective + ' ' + blockedURI + ' ' + sample));`;

type Wanted = { url: string; width?: number; height?: number; scheme?: 'light' | 'dark' };

/** A browser of one person, not signed in. Everything that is wrong on a page is written down. */
export async function visit(
  browser: Browser,
  { url, width = 1280, height = 860, scheme = 'light' }: Wanted,
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  const faults: string[] = [];
  await context.addInitScript({ content: watchPolicy });
  const page = await context.newPage();
  page.setDefaultTimeout(paced(10_000));
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked ${request.url()}`);
  });
  const open = async (path: string) => {
    await page.goto(`${url}/ui${path}`);
    await settled(page);
  };
  const follow = async (path: string) => {
    const link = JSON.stringify(`${url}/ui${path}`);
    await page.evaluate(
      `{ const link = Object.assign(document.createElement('a'), { href: ${link} }); document.querySelector('main').append(link); link.click(); link.remove(); }`,
    );
    await settled(page);
  };
  return { page, context, faults, open, follow };
}

/** Waits until the page shows what it was opened for. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main');
  await page.waitForSelector('.skeleton, .boot', { state: 'detached' });
}

/** What the policy of the page had to stop. */
export async function policyFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('craftingFaults');
}

/** Signs in by the form, as a person does. */
export async function signIn(
  { page, open }: Pick<Visit, 'page' | 'open'>,
  token: string,
  path = '/sign-in',
): Promise<void> {
  await open(path);
  await page.fill('input[name=token]', token);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.frame');
  await settled(page);
}
