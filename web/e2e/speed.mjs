/**
 * How long people wait, on the demo data (`node e2e/speed.mjs`; medians of several): from 登录 to the rows of the first
 * list, and from what another does to seeing it. Each aim is a second.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from './api.mjs';
import { launch, startSystem } from './system.mjs';

const TIMES = 7;
const ADMIN = '厂商管理员、服务商管理员';
const ROWS = '.ant-table-tbody tr[data-row-key]';

function show(what, figures) {
  const sorted = figures.map(Math.round).sort((a, b) => a - b);
  console.log(`${what}: ${sorted[Math.floor(sorted.length / 2)]} ms (${sorted.join(', ')})`);
}

const system = await startSystem();
let browser;
try {
  browser = await launch();
  const [login, password] = system.accounts[ADMIN];
  const shown = [];
  let page;
  for (let time = 0; time < TIMES; time++) {
    await page?.context().close();
    page = await (await browser.newContext({ baseURL: system.base, locale: 'zh-CN' })).newPage();
    await page.goto('/login');
    await page.locator('input[autocomplete=username]').fill(login);
    await page.locator('input[autocomplete=current-password]').fill(password);
    const began = performance.now();
    await page.locator('button[type=submit]').click();
    await page.locator(`.task, ${ROWS}`).first().waitFor();
    shown.push(performance.now() - began);
  }
  show('from signing in to the rows of the first list, nothing kept by the browser', shown);

  const vendor = await new Api(system.base).as(login, password);
  await page.goto('/provider/projects');
  await page.locator(ROWS).first().waitFor();
  const project = await page.locator(ROWS).first().getAttribute('data-row-key');
  const row = page.locator(`[data-row-key="${project}"]`);
  const seen = [];
  for (let time = 0; time < TIMES; time++) {
    await pause(1_500); // as people do, not while the last change is still on its way
    const isThere = (await row.count()) > 0;
    const began = performance.now();
    await vendor.post(`/projects/${project}/${isThere ? 'pause' : 'resume'}`, isThere ? { remark: '测量' } : {});
    await row.waitFor({ state: isThere ? 'hidden' : 'visible' });
    seen.push(performance.now() - began);
  }
  show('from the command of another to the list that shows it', seen);
} finally {
  await browser?.close();
  await system.stop();
}
