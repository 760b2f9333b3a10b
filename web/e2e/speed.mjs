/**
 * How long people wait, on the demo data (`node e2e/speed.mjs`; medians of several): from 登录 to the rows of the first
 * page (aim 0.8 s), for the next page, the rows of a search, the page of a project (0.25 s each, once their code is there)
 * and from what another does to seeing it (1 s).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from './api.mjs';
import { launch, startSystem } from './system.mjs';

const TIMES = 7;
const ADMIN = '厂商管理员、服务商管理员';
const ROWS = '.ant-table-tbody tr[data-row-key]';
/** As fast as a browser fills it in for somebody; nothing of it is in the figures. */
const TYPING_MS = 1_000;
/** As long as somebody looks at a list before he does something: what he may open is fetched meanwhile. */
const READING_MS = 3_000;
const PATIENCE_MS = 30_000;

function show(what, figures) {
  const sorted = figures.map(Math.round).sort((a, b) => a - b);
  console.log(`${what}: ${sorted[Math.floor(sorted.length / 2)]} ms (${sorted.join(', ')})`);
}

/**
 * Milliseconds from a click – or, without a button, from now – to the frame that shows the first element fitting `shown`,
 * or shows none any more where `shown` is to go. Counted in the page: who looks from outside looks now and then.
 */
const until = (page, shown, { button = null, isToGo = false } = {}) =>
  page.evaluate(
    ([selector, clicked, toGo, patience]) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        const look = () => {
          const found = document.querySelector(selector)?.checkVisibility() ?? false;
          const passed = performance.now() - began;
          if (found !== toGo) {
            resolve(passed);
          } else if (passed < patience) {
            requestAnimationFrame(look);
          } else {
            reject(new Error(`${selector} ${toGo ? 'stays' : 'does not come'}`));
          }
        };
        if (clicked !== null) {
          document.querySelector(clicked).click();
        }
        look();
      }),
    [shown, button, isToGo, PATIENCE_MS],
  );

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
    await pause(TYPING_MS);
    shown.push(await until(page, `.task, ${ROWS}`, { button: 'button[type=submit]' }));
  }
  show('from signing in to the rows of the first list, nothing kept by the browser', shown);

  const vendor = await new Api(system.base).as(login, password);
  await page.goto('/provider/projects');
  await page.locator(ROWS).first().waitFor();
  const project = await page.locator(ROWS).first().getAttribute('data-row-key');
  const row = `[data-row-key="${project}"]`;
  const turned = [];
  const searched = [];
  const opened = [];
  for (let time = 0; time < TIMES; time++) {
    await page.goto('/vendor/projects');
    await page.locator(ROWS).nth(1).waitFor();
    await pause(READING_MS);
    const id = await page.locator(ROWS).first().getAttribute('data-row-key');
    const { business } = await vendor.get(`/projects/${id}`);
    const first = `[data-row-key="${id}"]`;
    turned.push(await until(page, first, { button: '[aria-label=下一页]', isToGo: true }));
    await page.getByLabel('订单号', { exact: true }).fill(business.order_number);
    searched.push(await until(page, first, { button: '.query-bar button[type=submit]' }));
    opened.push(await until(page, '.details', { button: `${ROWS} a[aria-label^=详情]` }));
  }
  show('the next page of a list', turned);
  show('a search for an order', searched);
  show('the page of a project', opened);
  await page.goto('/provider/projects');
  await page.locator(ROWS).first().waitFor();
  const seen = [];
  for (let time = 0; time < TIMES; time++) {
    await pause(1_500); // as people do, not while the last change is still on its way
    const isThere = (await page.locator(row).count()) > 0;
    const shows = until(page, row, { isToGo: isThere });
    await vendor.post(`/projects/${project}/${isThere ? 'pause' : 'resume'}`, isThere ? { remark: '测量' } : {});
    seen.push(await shows);
  }
  show('from the command of another to the list that shows it', seen);
} finally {
  await browser?.close();
  await system.stop();
}
