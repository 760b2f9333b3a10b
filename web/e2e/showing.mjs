/**
 * Screens in a real browser: each is shown, photographed, checked by axe, and must be no wider than its window. It may cause neither a console error nor a report of the Content-Security-Policy.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { problems } from './problems.mjs';
import { signIn } from './sign-in.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 60_000;

const DESK = 1280;
const PHONE = 390;
/** Of a desk and of a phone. */
export const WIDTHS = [DESK, PHONE];

/** A page that notes what goes wrong in it under `where()`. */
export async function open(browser, base, { language, dark, width = 1280, height = 800, where }) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height },
    locale: language === 'en' ? 'en-US' : 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(
    ([chosen, isDark]) => {
      localStorage.setItem('delivery.language', chosen);
      localStorage.setItem('delivery.dark', isDark);
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`CSP: ${event.violatedDirective} ${event.sourceFile}:${event.lineNumber} ${event.sample}`),
      );
    },
    [language, String(dark)],
  );
  const page = await context.newPage();
  countRequests(page);
  page.on('pageerror', (error) => problems.push(`${where()}: ${error.message}`));
  page.on('response', (response) => response.status() === 503 && checkPatience(response, where()));
  page.on('console', (message) => {
    // What a walk provokes – a refusal, a network that is gone – the browser reports as a failed load; the walk checks it.
    const isProvoked = /status of (40[1349]|412|422|503)|net::ERR_(FAILED|INTERNET_DISCONNECTED)/.test(message.text());
    if (message.type() === 'error' && !isProvoked) {
      problems.push(`${where()}: console: ${message.text()}`);
    }
  });
  return page;
}

/** Times a service asked for patience, being behind: the console asks again, and the walk sees what comes then. */
export let patience = 0;

async function checkPatience(response, where) {
  // Of a page that was left meanwhile nothing can be read any more.
  const slug = await response.json().then(
    (problem) => problem.type.split(':').at(-1),
    () => 'left',
  );
  patience += 1;
  if (!['behind', 'not-yet-known', 'left'].includes(slug)) {
    problems.push(`${where}: ${response.url()} is ${slug}`);
  }
}

/** Requests under way, by page, without the stream of live changes, which never ends. */
const loading = new WeakMap();

function countRequests(page) {
  const open = new Set();
  loading.set(page, open);
  page.on('request', (request) => request.url().endsWith('/api/v1/live') || open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
}

/** Wait until nothing was loaded for a moment: what one answer makes the page ask next has begun by then. */
async function quiet(page) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let calm = 0; calm < 4; ) {
    if (Date.now() > deadline) {
      throw new Error(`still loading: ${[...loading.get(page)].map((request) => request.url())}`);
    }
    await page.waitForTimeout(100);
    calm = loading.get(page).size === 0 ? calm + 1 : 0;
  }
}

/** Wait until nothing loads, spins or moves any more. */
export async function settle(page) {
  await quiet(page);
  await page.waitForFunction(() => document.querySelector('.ant-spin-spinning, [aria-busy=true]') === null);
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.all(ending.map((one) => one.finished.catch(() => undefined)));
  });
}

async function checkAccessibility(page, where) {
  // Through the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, help, nodes } of found.violations) {
    problems.push(
      `${where}: axe ${id} (${help}): ${nodes
        .map(({ target, failureSummary }) => `${target} ${failureSummary?.split('\n').at(-1) ?? ''}`)
        .slice(0, 4)
        .join(' | ')}`,
    );
  }
}

/** What antd shows must be of classes whose rules are in its sheets. */
export async function checkClasses(page, where) {
  const { leftOut } = JSON.parse(readFileSync('dist/.vite/antd.json', 'utf8'));
  const found = await page.evaluate((sources) => {
    const unstyled = new RegExp(sources.join('|'));
    const classes = new Set([...document.querySelectorAll('[class*=ant-]')].flatMap((one) => [...one.classList]));
    return [...classes].filter((name) => unstyled.test(name));
  }, leftOut);
  for (const name of found) {
    problems.push(`${where}: antdStyles.ts leaves out the rules of ${name}`);
  }
}

/** Texts that are still the keys of texts: of an area nobody has asked for. */
async function checkTexts(page, where) {
  const keys = await page.evaluate(() => document.body.innerText.match(/^[a-z]\w*(\.[a-zA-Z]\w*)+$/gm) ?? []);
  for (const key of keys) {
    problems.push(`${where}: ${key} is no text`);
  }
}

/** What is wider than `width`: the page, a list, or a dialog that stands above it. */
const tooWide = (page, width) =>
  page.evaluate(
    ([limit, desk, scrolled]) => {
      const wide = [...document.querySelectorAll('[role=dialog], [role=menu], [role=listbox]')].filter((one) => {
        const { left, right, height } = one.getBoundingClientRect();
        return height > 0 && (left < -1 || right > limit + 1);
      });
      const page = document.documentElement.scrollWidth;
      // On a desk every column of a list is in sight, beside its details, too.
      const lists = limit < desk ? [] : document.querySelectorAll(scrolled);
      const cut = [...lists].filter((one) => one.scrollWidth > one.clientWidth);
      return [
        ...(page > limit ? [`the page is ${page} px wide`] : []),
        ...cut.map((one) => `a list lacks ${one.scrollWidth - one.clientWidth} px`),
        ...wide.map((one) => `${one.className || one.role} stands beyond it`),
      ];
    },
    [width, DESK, '.ant-table-content, .ant-table-body'],
  );

/** Nothing is wider than the window of the visit, nor than one of `widths`. */
async function checkWidths(page, where, { width, height }, widths) {
  for (const each of new Set([width, ...widths])) {
    if (each !== width) {
      await page.setViewportSize({ width: each, height });
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    }
    for (const what of await tooWide(page, each)) {
      problems.push(`${where}: at ${each} px ${what}`);
    }
  }
}

/** What a walk shows at this moment is checked like a screen: axe, texts, widths. */
export async function check(page, where) {
  await settle(page);
  await checkAccessibility(page, where);
  await checkTexts(page, where);
  await checkWidths(page, where, page.viewportSize(), []);
}

/**
 * Show the visits of every role, two roles at a time, and photograph them into `screens`; `shown(page, name)` is asked
 * about each, and may change what the page says. With `widths` each is made as wide as these besides.
 */
export async function showScreens(browser, system, visits, { language, dark, screens, shown, widths = [] }) {
  const roles = [...new Set(visits.map((visit) => visit.role))];
  const lane = async () => {
    for (let role = roles.shift(); role; role = roles.shift()) {
      await showRole(browser, system, role, visits, { language, dark, screens, shown, widths });
    }
  };
  await Promise.all([lane(), lane()]);
}

async function showRole(browser, system, role, visits, { language, dark, screens, shown, widths }) {
  let where = role;
  const mine = visits.filter((visit) => visit.role === role);
  const page = await open(browser, system.base, { language, dark, where: () => where });
  if (system.accounts[role]) {
    await signIn(page, system.accounts[role]);
  }
  for (const visit of mine) {
    const name = [visit.name, language === 'en' ? 'en' : '', dark ? 'dark' : ''].filter(Boolean).join('-');
    where = name;
    try {
      const size = { width: visit.width ?? DESK, height: visit.height ?? 800 };
      await page.setViewportSize(size);
      await page.goto(visit.path);
      await settle(page);
      await visit.prepare?.(page, system);
      await settle(page);
      await page.screenshot({ path: join(screens, `${name}.png`) });
      await checkAccessibility(page, name);
      await checkTexts(page, name);
      await checkClasses(page, name);
      await shown?.(page, name);
      await checkWidths(page, name, size, widths);
    } catch (error) {
      problems.push(`${name}: ${error.message.split('\n')[0]}`);
    }
  }
  await page.context().close();
}
