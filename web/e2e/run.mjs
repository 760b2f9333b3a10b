/**
 * The console in a real browser against the running system: every screen is shown, photographed, checked by axe, and
 * must cause neither a console error nor a report of the Content-Security-Policy; then the walks of walks.mjs.
 *
 *     node e2e/run.mjs [--all] [--screens FOLDER] [--only NAME] [--json]
 *
 * Without --all: Chinese, light. With it both languages and both colour modes, and the page of pictures in docs/ is
 * written anew. With --json the last line tells the problems of the screens, of the first route's size and of each walk.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Api } from './api.mjs';
import { writePage } from './page.mjs';
import { signIn } from './sign-in.mjs';
import { circles, sizes } from './size.mjs';
import { launch, startSystem } from './system.mjs';
import { nextDay, visits } from './visits.mjs';
import { walks } from './walks.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 20_000;

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    screens: { type: 'string', default: '../.run/screens' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const problems = {
  count: 0,
  /** By walk, or `screens` or `size`. */
  found: { screens: [], size: [] },
  under: 'screens',
  push(problem) {
    this.count++;
    this.found[this.under].push(problem);
    console.error(`✗ ${problem}`);
  },
};

/** A page that notes what goes wrong in it under `where()`. */
async function open(browser, base, { language, dark, width = 1280, height = 800, where }) {
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
let patience = 0;

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
async function settle(page) {
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

/** The screens of every role, two roles at a time, in Chinese and light, with --all in every language and colour mode. */
async function showScreens(browser, system, visits) {
  for (const language of options.all ? ['zh', 'en'] : ['zh']) {
    for (const dark of options.all ? [false, true] : [false]) {
      await showIn(browser, system, visits, language, dark);
    }
  }
}

async function showIn(browser, system, visits, language, dark) {
  const roles = [...new Set(visits.map((visit) => visit.role))];
  const lane = async () => {
    for (let role = roles.shift(); role; role = roles.shift()) {
      await showRole(browser, system, role, visits, language, dark);
    }
  };
  await Promise.all([lane(), lane()]);
}

async function showRole(browser, system, role, visits, language, dark) {
  let where = role;
  const mine = visits.filter((visit) => visit.role === role && (!options.only || visit.name.includes(options.only)));
  if (mine.length === 0) {
    return;
  }
  const page = await open(browser, system.base, { language, dark, where: () => where });
  if (system.accounts[role]) {
    await signIn(page, system.accounts[role]);
  }
  for (const visit of mine) {
    const name = [visit.name, language === 'en' ? 'en' : '', dark ? 'dark' : ''].filter(Boolean).join('-');
    where = name;
    try {
      await page.setViewportSize({ width: visit.width ?? 1280, height: visit.height ?? 800 });
      await page.goto(visit.path);
      await settle(page);
      await visit.prepare?.(page);
      await settle(page);
      await page.screenshot({ path: join(options.screens, `${name}.png`) });
      await checkAccessibility(page, name);
    } catch (error) {
      problems.push(`${name}: ${error.message.split('\n')[0]}`);
    }
  }
  await page.context().close();
}

/** Let a day pass, and the dashboards notice. */
async function toNextDay(system) {
  const as = (name) => new Api(system.base).as(...system.accounts[name]);
  await (await as('云市场小二')).put('/clock', { offset_seconds: 86_400 });
  const vendor = await as('厂商管理员、服务商管理员');
  const begun = async () => (await vendor.get('/dashboards/new-projects?entrance=vendor')).points.at(-1).number;
  for (const deadline = Date.now() + PATIENCE_MS; (await begun()) === 0; ) {
    if (Date.now() > deadline) {
      throw new Error('the dashboards still show the day before');
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

mkdirSync(options.screens, { recursive: true });
const began = Date.now();
const system = await startSystem();
let browser;
try {
  browser = await launch();
  await showScreens(browser, system, visits);
  for (const walk of walks) {
    if (!options.only || walk.name.includes(options.only)) {
      problems.found[walk.name] = [];
      problems.under = walk.name;
      const page = await open(browser, system.base, { language: 'zh', dark: false, where: () => walk.name });
      await walk(page, system).catch(async (error) => {
        problems.push(`${walk.name} at ${page.url()}: ${error.message}`);
        await page.screenshot({ path: join(options.screens, `walk-${walk.name}.png`) });
      });
      await page.context().close();
    }
  }
  problems.under = 'screens';
  await toNextDay(system);
  await showScreens(browser, system, nextDay);
  if (options.all && !options.only) {
    writePage('../docs', options.screens);
  }
  problems.under = 'size';
  for (const { text, isAbove } of await sizes()) {
    console.log(text);
    if (isAbove) {
      problems.push(text);
    }
  }
  for (const circle of await circles()) {
    problems.push(`files that import each other: ${circle}`);
  }
} finally {
  await browser?.close();
  await system.stop();
}
const seconds = ((Date.now() - began) / 1000).toFixed(0);
console.log(
  `${visits.length + nextDay.length} screens, ${walks.length} walks, ${problems.count} problems in ${seconds} s, ` +
    `${patience} times a service was behind`,
);
if (options.json) {
  console.log(JSON.stringify(problems.found));
}
process.exitCode = problems.count > 0 ? 1 : 0;
