/** What goes wrong around people – long texts, other zones, no network, an ended session – and what they must not lose. */
import assert from 'node:assert/strict';
import { signIn } from './sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const ACCOUNT_MANAGER = '服务商员工 (客户经理)';
const SIXTY =
  '企业官网与小程序一体化设计开发及一年运维服务尊享版含域名备案与内容迁移支持服务包二零二六年度续费套餐加急处理通道';
const UNBROKEN = 'x'.repeat(1500);

/** Rows of a list as the server would give them, with `change` made to each. */
async function withRows(page, path, change) {
  await page.route(path, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    await route.fulfill({ response, json: { ...body, items: body.items.map(change) } });
  });
}

const widthOf = (page) => page.evaluate(() => document.documentElement.scrollWidth);

/** Names of 60 and 1,500 characters neither widen a list nor heighten its rows, and can be read when pointed at. */
async function longTexts(page, { accounts }) {
  await withRows(page, '**/api/v1/project-list?*', (row, place) => ({
    ...row,
    product_name: place % 2 ? SIXTY : UNBROKEN,
    customer_name: UNBROKEN,
    provider_name: SIXTY,
    stage: UNBROKEN,
  }));
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').first().waitFor();
  for (const column of ['操作人/角色', '项目阶段', '操作']) {
    const box = await page.getByRole('columnheader', { name: column, exact: true }).boundingBox();
    assert.ok(box && box.x + box.width <= 1280, `${column} ends at ${box?.x} + ${box?.width}`);
  }
  for (const row of await page.locator('.ant-table-row').all()) {
    const { height } = await row.boundingBox();
    assert.ok(height <= 125, `a row is ${height} high`);
  }
  const name = page.locator('.ant-table-row').first().locator('.two-lines').nth(1).locator('.clamped').first();
  await name.hover();
  assert.equal(await name.getAttribute('title'), UNBROKEN);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok((await widthOf(page)) <= 390, `the page is ${await widthOf(page)} wide`);
}

/** An answer of 1,500 characters leaves its label readable, and a file's long name keeps the phone's page narrow. */
async function longDetails(page, { accounts }) {
  await page.route(/\/api\/v1\/projects\/[0-9a-f-]+\?/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const [first] = body.steps;
    first.requirement = {
      data: { company_name: UNBROKEN },
      by: '李四',
      submitted_at: '2026-11-29 10:00:00',
      submissions: 1,
    };
    first.form_fields = [{ name: 'company_name', title: '公司名称' }];
    first.files = [
      {
        file_id: 'f',
        name: `${UNBROKEN}.pdf`,
        size_text: '1 MB',
        href: '/',
        released: true,
        uploaded_at: '',
        operator: '',
      },
    ];
    await route.fulfill({ response, json: body });
  });
  await signIn(page, accounts[ACCOUNT_MANAGER]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/provider/my-projects?view=handled');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.locator('.flow-head').first().click();
  const label = await page.locator('.filled .ant-descriptions-item-label').first().boundingBox();
  assert.ok(label.width >= 100 && label.height > 0, `the label is ${label.width} wide`);
  await page.locator('.file-button').first().waitFor();
  assert.ok((await widthOf(page)) <= 390, `the page is ${await widthOf(page)} wide`);
}

/** A day filtered by is that day in Shanghai, wherever the browser is. */
async function threeZones(page, { accounts, base }) {
  for (const timezoneId of ['Asia/Shanghai', 'UTC', 'America/Los_Angeles']) {
    const context = await page.context().browser().newContext({ baseURL: base, locale: 'zh-CN', timezoneId });
    const there = await context.newPage();
    await signIn(there, accounts[ADMIN]);
    await there.goto('/vendor/projects');
    await there.getByRole('button', { name: '更多' }).click();
    const asked = there.waitForRequest((request) => request.url().includes('created_from='));
    await there.getByLabel('创建时间从').fill('2026-11-20');
    await there.keyboard.press('Enter');
    const from = new URL((await asked).url()).searchParams.get('created_from');
    await there.waitForURL(/from_day/);
    assert.equal(from, '2026-11-19T16:00:00.000Z', timezoneId);
    assert.equal(new URL(there.url()).searchParams.get('from_day'), '2026-11-20', timezoneId);
    await context.close();
  }
}

/** Rows belong to the tab above them: while those of another are on their way none of the one before are shown. */
async function rowsOfTheTab(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').nth(5).waitFor();
  let answer;
  await page.route(/project-list\?.*tab=paused/, async (route) => {
    await new Promise((resolve) => {
      answer = resolve;
    });
    await route.continue();
  });
  await page.getByRole('tab', { name: /^已暂停的项目/ }).click();
  await page.locator('.ant-table-row').first().waitFor({ state: 'detached' });
  answer();
  await page.locator('.ant-table-row').first().waitFor();
  assert.equal(await page.locator('.ant-table-row').count(), 1);
}

/** Page and size stand in the address; 返回 and a reload find the same page, and 返回 the row it came from. */
async function pageInTheAddress(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').nth(19).waitFor();
  const onTop = page.locator('.ant-table-row').first().locator('.clamped').first();
  const before = await onTop.innerText();
  await page.getByRole('button', { name: '下一页' }).click();
  await page.waitForURL(/page=2/);
  // The rows of the first page stay until those of the second are there.
  await onTop.filter({ hasNotText: before }).waitFor();
  const number = await onTop.innerText();
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await page.getByRole('link', { name: '返回' }).click();
  await page.waitForURL(/page=2/);
  await page.locator('.row-left').waitFor();
  assert.match(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''), /^详情/);
  await page.reload();
  await page.locator('.ant-table-row').first().waitFor();
  assert.equal(await page.locator('.ant-table-row').first().locator('.clamped').first().innerText(), number);
  await page.getByRole('button', { name: '上一页' }).click();
  await page.locator('.ant-table-row').nth(19).waitFor();
  assert.equal(new URL(page.url()).search, '');
}

/** A part of the console that cannot be loaded leaves the frame and says so; once it can, 重试 brings the page. */
async function partMissing(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').first().waitFor();
  await page.route('**/assets/Dashboard-*.js', (route) => route.abort());
  await page.getByRole('link', { name: '数据看板' }).click();
  await page.getByText('页面的一部分未能加载').waitFor();
  await page.getByRole('navigation', { name: '菜单' }).waitFor();
  await page.unroute('**/assets/Dashboard-*.js');
  await page.getByRole('button', { name: '重试' }).click();
  await page.getByRole('heading', { name: '数据看板' }).waitFor();
}

/** A page whose styles cannot be loaded says so, rather than be shown without them, and is tried anew. */
async function stylesMissing(page, { accounts }) {
  const content = page.locator('#content');
  await page.route('**/assets/antd-1-*.css', (route) => route.abort());
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').first().waitFor();
  await page.getByRole('link', { name: '数据看板' }).click();
  await page.waitForURL('**/dashboard');
  await content.getByText('页面的一部分未能加载').waitFor();
  await page.unroute('**/assets/antd-1-*.css');
  await content.getByRole('button', { name: '重试' }).click();
  await page.getByRole('heading', { name: '数据看板' }).waitFor();
}

/** Without a network the page says so and how old it is, and a list not read yet says that it failed; it comes back. */
async function offlineAndBack(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.locator('.ant-table-row').first().waitFor();
  await page.getByRole('button', { name: /Ctrl\+K/ }).waitFor();
  await page.getByRole('button', { name: '视图' }).waitFor();
  await page.context().setOffline(true);
  await page.getByText(/^网络已断开 · 页面数据截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/).waitFor();
  await page.getByRole('tab', { name: /^已取消的项目/ }).click();
  await page.getByText('无法连接服务器，请检查网络后重试').waitFor();
  await page.context().setOffline(false);
  await page.getByText('网络已断开').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: '重试' }).click();
  await page.locator('.ant-table-row').first().waitFor();
}

/** A session that ends in the middle asks for the password above the page, and what was asked for goes on. */
async function sessionEnds(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.getByText('服务商入口', { exact: true }).click();
  await page.goto('/provider/projects');
  await page.getByRole('link', { name: /^详情/ }).nth(1).click();
  await page.getByRole('button', { name: '暂停项目' }).click();
  await page.getByLabel('暂停备注').fill('等待客户资料');
  await page.context().clearCookies();
  await page.route('**/pause', (route) => route.fulfill({ status: 401, json: {} }), { times: 1 });
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  const again = page.getByRole('dialog', { name: '登录已失效，请重新登录' });
  await again.waitFor();
  assert.deepEqual(await again.locator('input[name=name]').inputValue(), accounts[ADMIN][0]);
  await again.locator('input[name=password]').fill(accounts[ADMIN][1]);
  await again.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByText('项目已暂停', { exact: true }).waitFor();
  await page.getByText('等待客户资料').first().waitFor();
  assert.match(page.url(), /\/provider\/projects\//);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.doesNotMatch(kept, /eyJ|refresh|Bearer/);
  await page.getByRole('button', { name: '启动项目' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '启动项目' }).click();
  await page.getByText('执行中', { exact: true }).waitFor();
}

/** What was typed is asked about, kept when wanted – over a reload, too –, and gone once it was sent. */
async function draftsAreKept(page, { accounts }) {
  await signIn(page, accounts[ACCOUNT_MANAGER]);
  await page.goto('/provider/my-projects?view=handled');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  const open = page.getByRole('button', { name: /^项目备注/ });
  await open.click();
  const field = page.getByRole('textbox', { name: '备注内容' });
  await field.fill('请先联系客户确认域名');
  await page.reload();
  await open.click();
  await page.getByText(/^已恢复 .* 填写的草稿$/).waitFor();
  assert.equal(await field.inputValue(), '请先联系客户确认域名');
  await field.press('Control+Enter');
  await page.locator('.thread').getByText('请先联系客户确认域名').waitFor();
  await page.waitForFunction(() => document.querySelector('.composer textarea')?.value === '');
  await page.reload();
  await open.click();
  assert.equal(await field.inputValue(), '');
}

/** A dialog asks about what was typed, and keeps it where that is wanted, over a reload, too. */
async function dialogsAskAndKeep(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/projects');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  const open = page.getByRole('button', { name: '暂停项目', exact: true });
  await open.click();
  const field = page.getByLabel('暂停备注');
  await field.fill('等待域名备案');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '继续填写' }).click();
  assert.equal(await field.inputValue(), '等待域名备案');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '保留草稿并关闭' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.waitForFunction(() => document.activeElement?.textContent === '暂停项目');
  await page.reload();
  await open.click();
  await page.getByText(/^已恢复 .* 填写的草稿$/).waitFor();
  assert.equal(await field.inputValue(), '等待域名备案');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '放弃', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await open.click();
  assert.equal(await field.inputValue(), '');
}

export const hardships = [
  longTexts,
  longDetails,
  threeZones,
  rowsOfTheTab,
  pageInTheAddress,
  partMissing,
  stylesMissing,
  offlineAndBack,
  sessionEnds,
  draftsAreKept,
  dialogsAskAndKeep,
];
