/**
 * The console in a real browser against the running system: every screen is shown, photographed, checked by axe, and
 * must cause neither a console error nor a report of the Content-Security-Policy; then the walks of walks.mjs.
 *
 *     node e2e/run.mjs [--all] [--screens FOLDER] [--only NAME] [--renew] [--json]
 *
 * Without --all: Chinese, light, as wide as the visit says. With it both languages and both colour modes, on a desk and a
 * phone each. With
 * --renew only the screens are shown whose layout is compared, and are the references from now on (see layout.mjs). With
 * --json the last line tells the problems of the screens, of their layout, of the first route's size and of each walk.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Api } from './api.mjs';
import { COMPARED, comparing } from './layout.mjs';
import { problems } from './problems.mjs';
import { checkClasses, open, patience, showScreens, WIDTHS } from './showing.mjs';
import { circles, sizes } from './size.mjs';
import { launch, startSystem } from './system.mjs';
import { nextDay, visits } from './visits.mjs';
import { walks } from './walks.mjs';

const PATIENCE_MS = 20_000;

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    screens: { type: 'string', default: '../.run/screens' },
    only: { type: 'string' },
    renew: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
/** The screens chosen, in Chinese and light, with --all in every language and colour mode. */
async function showAll(browser, system, chosen) {
  const compare = comparing({ version: browser.version(), screens: options.screens, renews: options.renew });
  const shown = async (page, name) => {
    const wrong = COMPARED.includes(name) && (await compare(page, name));
    if (wrong) {
      problems.push(`${name} ${wrong}`, 'layout');
    }
  };
  const visits = chosen.filter(
    ({ name }) => (!options.only || name.includes(options.only)) && (!options.renew || COMPARED.includes(name)),
  );
  for (const language of options.all ? ['zh', 'en'] : ['zh']) {
    for (const dark of options.all ? [false, true] : [false]) {
      const widths = options.all ? WIDTHS : [];
      await showScreens(browser, system, visits, { language, dark, screens: options.screens, shown, widths });
    }
  }
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
  await showAll(browser, system, visits);
  for (const walk of options.renew ? [] : walks) {
    if (!options.only || walk.name.includes(options.only)) {
      problems.found[walk.name] = [];
      problems.under = walk.name;
      const page = await open(browser, system.base, { language: 'zh', dark: false, where: () => walk.name });
      await walk(page, system).catch(async (error) => {
        problems.push(`${walk.name} at ${page.url()}: ${error.message}`);
        await page.screenshot({ path: join(options.screens, `walk-${walk.name}.png`) });
      });
      await checkClasses(page, walk.name);
      await page.context().close();
    }
  }
  problems.under = 'screens';
  if (!options.renew) {
    await toNextDay(system);
    await showAll(browser, system, nextDay);
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
