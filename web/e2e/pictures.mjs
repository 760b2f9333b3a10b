/**
 * The page of pictures, docs/screens.md with docs/screens/, for those who have not installed anything yet: on what
 * `make run` shows, the demo data after six months of projects.
 *
 *     node e2e/pictures.mjs [--screens FOLDER]
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Api } from './api.mjs';
import { problems } from './problems.mjs';
import { showScreens } from './showing.mjs';
import { launch, startSystem } from './system.mjs';
import { designedWrongly, designer, nextDay, visits } from './visits.mjs';

const DOCS = '../docs';
const CUSTOMER = '顾客';
/** Of the past, not of the demo data: what began first, what a customer must look at, what has come to its end. */
const OLDEST = '/vendor/projects?sort=created_at';
const AT_CUSTOMER = `/vendor/projects?sort=created_at&stage=${encodeURIComponent('首页确认')}`;
const DONE = `/vendor/projects?tab=completed&product_name=${encodeURIComponent('企业官网')}`;

/** The latest project of the past that the customer has. */
async function ownProject(page, system) {
  const own = await (await new Api(system.base).as(...system.accounts[CUSTOMER])).get('/purchased-services?limit=100');
  const found = own.items.find((one) => !one.product_name.startsWith('name_'));
  await page.goto(`/customer/purchased-services/${found.project_id}`);
  await page.locator('.flow').first().waitFor();
}

/** In the order of a project's life; in dark and English where that is said. */
const PICTURES = [
  {
    name: 'designer-canvas',
    prepare: (page) => designer(page, '小程序设计（含试用）'),
    caption: 'A vendor designs the flow of a service on a canvas or in a list of the same nodes.',
  },
  {
    name: 'designer-problems',
    prepare: (page) => designedWrongly(page, '小程序设计（含培训）'),
    caption: 'What stands in the way of publishing is shown all at once, at the nodes it belongs to.',
  },
  {
    name: 'product-providers',
    path: '/vendor/products?code=210101',
    caption: 'A product is bound to its template and to providers with weights and greatest loads.',
  },
  { name: 'customer-purchased', caption: 'The customer sees the services bought, and what is asked of him.' },
  { name: 'vendor-work', caption: 'What waits for whom, the most urgent first.' },
  {
    name: 'vendor-projects',
    path: OLDEST,
    caption: 'Every order is a project: tabs, filters that stand in the address, saved views, export.',
  },
  { name: 'projects-beside', path: OLDEST, caption: 'Details beside the list, live while others work.' },
  {
    name: 'vendor-project-details',
    path: AT_CUSTOMER,
    height: 1000,
    caption: 'The project with its steps, working time left, messages, files and flow log.',
  },
  {
    name: 'project-as-it-was',
    path: DONE,
    height: 1000,
    caption: 'Any earlier moment of a project can be looked at, since its events are kept.',
  },
  {
    name: 'project-decisions',
    path: DONE,
    caption: 'Why this provider, why this person: every candidate as it stood then.',
  },
  { name: 'project-timeline', path: DONE, height: 1000, caption: 'Where the time went.' },
  { name: 'queue-vendor', caption: 'Orders that wait for capacity, why they wait, and 分单.' },
  { name: 'loads-batch', caption: 'Loads of the staff, one by one or many at once.' },
  { name: 'claims', caption: 'Orders open to be claimed.' },
  {
    name: 'customer-project-narrow',
    height: 844,
    prepare: ownProject,
    caption: 'A project on the phone of the customer.',
  },
  { name: 'vendor-dashboard-months', caption: 'Dashboards: every figure leads to the projects behind it.' },
  {
    name: 'provider-dashboard',
    path: '/provider/dashboard?unit=month&window=60',
    language: 'en',
    dark: true,
    caption: 'English and dark, chosen by each person for himself.',
  },
  { name: 'operator-status', caption: 'What the operator looks at: services, queues, lags, parked messages.' },
].map((picture) => ({ ...[...visits, ...nextDay].find(({ name }) => name === picture.name), ...picture }));

const fileOf = ({ name, language, dark }) => `${name}${language === 'en' ? '-en' : ''}${dark ? '-dark' : ''}.png`;

/** The page and its pictures, in place of those there are. */
function writePage(pictures) {
  const folder = join(DOCS, 'screens');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const parts = PICTURES.map((picture) => {
    copyFileSync(join(pictures, fileOf(picture)), join(folder, fileOf(picture)));
    return `${picture.caption}\n\n![${picture.caption}](screens/${fileOf(picture)})\n`;
  });
  writeFileSync(
    join(DOCS, 'screens.md'),
    `# The console in pictures\n\nMade by \`make console-all\` on what \`make run\` shows: the demo data after six months of projects.\n\n${parts.join('\n')}`,
  );
}

const { values: options } = parseArgs({ options: { screens: { type: 'string', default: '../.run/pictures' } } });
mkdirSync(options.screens, { recursive: true });
const system = await startSystem({ past: true });
let browser;
try {
  browser = await launch();
  for (const [language, dark] of [
    ['zh', false],
    ['en', true],
  ]) {
    const chosen = PICTURES.filter((one) => (one.language ?? 'zh') === language);
    await showScreens(browser, system, chosen, { language, dark, screens: options.screens });
  }
  if (problems.count === 0) {
    writePage(options.screens);
  }
} finally {
  await browser?.close();
  await system.stop();
}
process.exitCode = problems.count > 0 ? 1 : 0;
