/** What a reader found wrong in each role's day (docs/console.md), looked at again. */
import assert from 'node:assert/strict';
import { signIn } from '../sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const ACCOUNT_MANAGER = '服务商员工 (客户经理)';
const OPERATOR = '云市场小二';
const LONG = '企业官网与小程序一体化设计开发及一年运维服务尊享版含域名备案与内容迁移支持服务包二零二六年度续费套餐';

const dialog = (page) => page.getByRole('dialog').last();
const focused = (page) => page.evaluate(() => document.activeElement?.tagName);
const rows = (page) => page.locator('.ant-table-row');

/** The answers to a path as the server gives them, changed. */
async function changed(page, path, change) {
  await page.route(path, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

/** C-64: what the columns with few values hold is offered; C-63: fields can be emptied by name; C-28: counts. */
async function filterByValues(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: '更多' }).click();
  await page.getByLabel('项目阶段', { exact: true }).click();
  const offered = page.locator('.ant-select-dropdown:visible .ant-select-item-option');
  await offered.first().waitFor();
  const stage = await offered.first().innerText();
  await offered.first().click();
  await page.waitForURL((url) => url.searchParams.get('stage') === stage);
  for (const shown of await page.locator('.ant-table-row td:nth-last-child(2)').allInnerTexts()) {
    assert.ok(shown.includes(stage), shown);
  }
  await page.getByLabel('角色', { exact: true }).click();
  await page.locator('.ant-select-dropdown:visible').getByTitle('顾客', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByLabel('订单号', { exact: true }).fill('1');
  await page.getByLabel('清除订单号').waitFor();
  // Under 超时情况 only the tab shown knows how many there are, and says as many as the list has.
  await page.goto('/vendor/projects?overdue=any');
  const total = await page.getByText(/^一共有 \d+ 条$/).innerText();
  assert.deepEqual(await page.locator('.ant-tabs .tab-count').allInnerTexts(), [total.match(/\d+/)[0]]);
  await page.getByRole('tab', { name: /^执行中/ }).focus();
  assert.equal(await page.getByText(/^Tab \d of/).count(), 0, 'nothing is told in English');
}

/** C-30: since when and until when a project waits, and what the vendor can do; C-19: of whom the staff is full. */
async function waitInTheQueue(page, { accounts }) {
  await changed(page, '**/api/v1/provider-configurations/*/candidates', (body) => ({
    ...body,
    items: body.items.map((one) => ({ ...one, configured: true, full_roles: ['设计师'] })),
  }));
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/queue');
  const row = rows(page).filter({ hasNotText: '--' }).first();
  await row.getByText(/^已排队 \d+/).waitFor();
  await row.getByText(/^下次轮询 \d\d:00$/).waitFor();
  const order = await row.getByRole('link').first().innerText();
  await row.getByRole('button', { name: /^排队说明/ }).click();
  await dialog(page).getByText('下次自动分单').waitFor();
  await dialog(page)
    .getByText(/正在等待其员工。您可以等待该服务商处理，或更换服务商。/)
    .waitFor();
  await dialog(page).getByRole('button', { name: '更换服务商' }).click();
  const change = page.getByRole('dialog', { name: /^更换服务商/ });
  await change.getByText(new RegExp(`^${order} · .+ · 现为.+`)).waitFor();
  await change.getByLabel('选择服务商').click();
  await page
    .locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '员工已满：设计师' })
    .first()
    .click();
  await change.getByText(/的设计师暂时都不能接单/).waitFor();
  await change.getByRole('button', { name: '取消' }).click();
}

/** C-36: vendor and product of a test order are chosen; the server says what there is. */
async function chooseWhatToTry(page, { accounts }) {
  const offered = (vendor, n) => ({
    product_id: `00000000-0000-0000-0000-00000000000${n}`,
    code: `C-${n}`,
    name: `商品${n}`,
    vendor_id: `00000000-0000-0000-0000-0000000000${vendor}`,
    vendor_name: `厂商${vendor}`,
  });
  await page.route('**/api/v1/orders/test/products', (route) =>
    route.fulfill({ json: { items: [offered(10, 1), offered(10, 2), offered(20, 3)] } }),
  );
  await signIn(page, accounts[ACCOUNT_MANAGER]);
  await page.goto('/provider/purchased-services');
  await page
    .getByRole('button', { name: /下测试订单$/ })
    .first()
    .click();
  assert.equal(await dialog(page).getByLabel('商品名称').isDisabled(), true);
  await dialog(page).getByLabel('厂商').click();
  await page.locator('.ant-select-dropdown:visible').getByTitle('厂商10').click();
  await dialog(page).getByLabel('商品名称').click();
  const products = page.locator('.ant-select-dropdown:visible .ant-select-item-option');
  await products.first().waitFor();
  assert.deepEqual(await products.allInnerTexts(), ['C-1 · 商品1', 'C-2 · 商品2']);
  await page.keyboard.press('Escape');
  // What is really offered: nobody types a code.
  await page.unroute('**/api/v1/orders/test/products');
  await page.reload();
  await page
    .getByRole('button', { name: /下测试订单$/ })
    .first()
    .click();
  await dialog(page).getByLabel('商品名称').click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().waitFor();
}

/** C-55: what keeps a department from being deleted is said before anything is asked, and it stays chosen. */
async function departmentInUse(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/users');
  const tree = page.getByRole('tree', { name: '企业架构' });
  const department = tree.locator('.department', { hasText: /[1-9]\d* 人/ }).first();
  await department.click();
  await page.waitForURL(/department_id=/);
  const chosen = page.url();
  await department.getByRole('button').click();
  await page.getByRole('menuitem', { name: '删除部门' }).click();
  const told = page.getByRole('dialog', { name: /还不能删除$/ });
  await told.getByText(/^部门下还有 \d+ 名员工/).waitFor();
  assert.equal(page.url(), chosen);
  await told.getByRole('button').last().click();
}

/** C-56: every message goes into the box, so that cannot be switched off. */
async function boxOfEveryMessage(page, { accounts }) {
  await signIn(page, accounts[OPERATOR]);
  await page.goto('/operator/message-templates');
  await page.getByRole('button', { name: /^编辑/ }).first().click();
  const box = dialog(page).getByRole('checkbox', { name: '站内信' });
  assert.deepEqual([await box.isChecked(), await box.isDisabled()], [true, true]);
  assert.equal(await dialog(page).getByRole('checkbox', { name: '短信' }).isDisabled(), false);
}

/** C-33: the platform's pages are a group of the menu; C-47: a vendor sees neither codes nor the platform's roles. */
async function menusAndRoles(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/roles');
  await rows(page).first().waitFor();
  assert.deepEqual(await page.locator('.list-page thead th').allInnerTexts(), ['角色名称', '归属', '状态']);
  assert.equal(await page.getByRole('cell', { name: '云市场小二' }).count(), 0);
  await page.getByRole('button', { name: /^账号菜单/ }).click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
  await page.waitForURL('**/login');
  await page.getByText(/^登录名称形如 name@账号\.onaliyun\.com。忘记密码时，/).waitFor(); // C-66
  await signIn(page, accounts[OPERATOR]);
  await page.getByRole('navigation', { name: '菜单' }).getByText('平台', { exact: true }).waitFor();
}

/** C-18, C-51, C-54, C-61, C-67, C-68, C-26: a project's page offers what can be done, marks what is done, and prints. */
async function projectPage(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/projects?order_number=10000107');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.locator('.flow').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  assert.equal(await page.getByRole('button', { name: '更换服务商' }).count(), 0, 'that is the vendor’s');
  const numbers = await page.getByRole('button', { name: /^复制 / }).count();
  assert.ok(numbers >= 2, 'order and business number can be copied');
  assert.ok((await page.getByLabel('已完成', { exact: true }).count()) > 0, 'done steps are ticked');
  // Printed: every step unfolded, no menu and no buttons.
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.flow-head[aria-expanded=false]').count(), 0);
  assert.equal(await page.getByRole('navigation', { name: '菜单' }).isVisible(), false);
  assert.equal(await page.getByRole('button', { name: '暂停项目' }).isVisible(), false);
  assert.equal(await page.getByText('业务信息').isVisible(), true);
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  // Decisions: the newest first, who was to choose from named as what they are.
  await page.getByRole('button', { name: '分单说明' }).click();
  await page.locator('.decision').first().waitFor();
  const times = await page.locator('.decision > .secondary').allInnerTexts();
  assert.deepEqual(
    times.map((one) => one.slice(0, 19)),
    times
      .map((one) => one.slice(0, 19))
      .toSorted()
      .toReversed(),
  );
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '暂停项目' }).click();
  await dialog(page)
    .getByText(/10000107/)
    .waitFor();
  assert.equal(await focused(page), 'TEXTAREA');
}

/** C-20: a paused project says by whom, when and why. */
async function pausedProject(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/projects?tab=paused');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  const banner = page.getByRole('status').filter({ hasText: '已暂停' });
  await banner.getByText(/^已暂停 · .+ · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/).waitFor();
  assert.ok((await banner.locator('.ant-alert-description').innerText()).length > 0);
  await page.locator('.current').getByText('已暂停').waitFor();
  await page.getByRole('button', { name: '启动项目' }).click();
  await dialog(page).locator('.dialog-subject').waitFor(); // C-19
}

/** C-31: what the server refuses stands at its field. */
async function refusedAtTheField(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/users');
  await page.locator('.page-head').getByRole('button', { name: '新建' }).click();
  await page.route('**/api/v1/users', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 409,
          contentType: 'application/problem+json',
          json: {
            type: 'urn:delivery-center:problem:login-name-taken',
            messages: { zh: '登录名称已存在', en: 'The login name is taken' },
          },
        })
      : route.continue(),
  );
  await dialog(page).getByLabel('登录名称').fill('taken');
  await dialog(page).getByLabel('姓名').fill('测试员');
  await dialog(page).getByLabel('角色').click();
  await page.getByTitle('工程师').click();
  await page.keyboard.press('Escape');
  // C-62: boxes that stand apart have all their corners.
  const corner = await dialog(page)
    .getByLabel('区号')
    .evaluate((box) => getComputedStyle(box).borderStartEndRadius);
  assert.notEqual(corner, '0px');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).locator('.ant-form-item-explain-error', { hasText: '登录名称已存在' }).waitFor();
  assert.equal(await dialog(page).locator('.form-refusal').count(), 0);
}

/** C-42: columns of a table in a dialog stay in sight; C-52: a long title leaves the buttons at its right. */
async function longNames(page, { accounts }) {
  await changed(page, /\/api\/v1\/projects\/[0-9a-f-]+\/files/, (body) => ({
    ...body,
    items: body.items.map((file) => ({ ...file, name: `${LONG}.pdf` })),
  }));
  await changed(page, /\/api\/v1\/projects\/[0-9a-f-]+\?/, (body) => ({
    ...body,
    business: { ...body.business, product_name: LONG },
  }));
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects?order_number=10000107');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  const beside = (name) => {
    const head = document.querySelector('.page-head');
    if (!head?.textContent.includes(name)) return false; // the list's still, or not loaded yet
    const [title, buttons] = [head.querySelector('h1'), head.lastElementChild].map((part) =>
      part.getBoundingClientRect(),
    );
    return buttons.top < title.bottom && buttons.left >= title.right - 1;
  };
  await page.waitForFunction(beside, LONG);
  await page.getByRole('button', { name: '文件管理' }).click();
  await dialog(page).locator('.ant-table-row').first().waitFor();
  const box = await dialog(page).boundingBox();
  for (const column of ['操作人', '上传节点', '操作']) {
    const head = await dialog(page).getByRole('columnheader', { name: column, exact: true }).boundingBox();
    assert.ok(head.x + head.width <= box.x + box.width, `${column} lies outside`);
  }
}

/** C-59: a figure of the dashboard says what it filters by, and leads back; C-29: the fullest first. */
async function fromTheBoard(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  const from = '2026-11-01T00:00:00+08:00';
  const query = new URLSearchParams({ tab: 'all', completed_from: from, completed_to: '2026-12-01T00:00:00+08:00' });
  await page.goto(`/vendor/projects?${query}`);
  await page.getByText('数据看板筛选 · 2026-11-01 00:00 至 2026-12-01 00:00').waitFor();
  await page.getByRole('link', { name: '返回数据看板' }).click();
  await page.waitForURL('**/vendor/dashboard');
}

/**
 * C-60, on a phone: nothing makes it zoom, one filter stands before the rows, a row opens wherever it is touched, numbers can
 * be called, times are seen.
 */
async function onThePhone(page, { accounts }) {
  await changed(page, /\/api\/v1\/projects\/[0-9a-f-]+\?/, (body) => ({
    ...body,
    staff: [{ person_id: 'p', name: '李四', roles: '设计师', landline: '0311-12345678', mobile: '13800000000' }],
  }));
  await signIn(page, accounts[ADMIN]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/provider/projects');
  await rows(page).first().waitFor();
  assert.equal(await page.locator('.query-field').count(), 1);
  const size = await page
    .locator('.query-field input')
    .first()
    .evaluate((input) => getComputedStyle(input).fontSize);
  assert.equal(size, '16px');
  await rows(page).first().locator('.card-cell strong').click();
  assert.equal(await page.getByRole('link', { name: '13800000000' }).getAttribute('href'), 'tel:13800000000');
  assert.equal(await page.getByRole('link', { name: '0311-12345678' }).getAttribute('href'), 'tel:031112345678');
  await page.getByRole('button', { name: '流程日志' }).click();
  await dialog(page).locator('.ant-table-row').first().waitFor();
  const time = await dialog(page).getByRole('columnheader', { name: '时间' }).boundingBox();
  assert.ok(time.x >= 0 && time.x + time.width <= 390, `the time stands from ${time.x} to ${time.x + time.width}`);
}

/**
 * C-44, C-45, C-65: heads are one line high and stand above what they name, a day stands on one line; links and buttons of a
 * row are level.
 */
async function tidyRows(page, { accounts }) {
  await changed(page, /\/api\/v1\/purchased-services/, (body) => ({
    ...body,
    items: body.items.map((one) => ({ ...one, valid_until: '2027-06-05' })),
  }));
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await rows(page).first().waitFor();
  const lines = await page.locator('thead .ant-table-selection-column').evaluate((head) => {
    const range = document.createRange();
    range.selectNodeContents(head);
    return range.getClientRects().length;
  });
  assert.equal(lines, 1, '选择 stands on one line');
  await rows(page).first().getByRole('checkbox').check();
  await page.getByRole('button', { name: '全选本页' }).click();
  const chosen = await rows(page).locator('input:checked').count();
  assert.ok(chosen > 1);
  await page.goto('/vendor/templates');
  await rows(page).first().waitFor();
  const operations = rows(page).first().locator('td').last().locator('a, button');
  const bottoms = await operations.evaluateAll((all) =>
    all.map((one) => {
      const range = document.createRange();
      // The text itself: the height of the element around it follows from the fonts there are.
      range.selectNodeContents(document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode());
      return Math.round(range.getBoundingClientRect().bottom);
    }),
  );
  assert.ok(bottoms.length > 1 && new Set(bottoms).size === 1, `they end at ${bottoms}`);
  await page.goto('/provider/loads');
  await rows(page).first().waitFor();
  const head = await page.getByRole('columnheader', { name: '当前持单量' }).boundingBox();
  const figure = await page.locator('.load-count').first().boundingBox();
  assert.ok(Math.abs(head.x + 8 - figure.x) <= 24, `head at ${head.x}, figure at ${figure.x}`);

  await page.context().clearCookies();
  await signIn(page, accounts['顾客']);
  await page.goto('/customer/purchased-services');
  const day = page.locator('td', { hasText: /^2027年06月05日$/ }).first();
  const { height } = await day.locator('.clamped').boundingBox();
  assert.ok(height < 30, `the day is ${height} px high`);
}

/** C-08: the customer sees what waits for him alone, and finds an order by its number. */
async function findPurchased(page, { accounts }) {
  await signIn(page, accounts['顾客']);
  await page.goto('/customer/purchased-services');
  await rows(page).first().waitFor();
  const all = await rows(page).count();
  const tab = page.getByRole('tab', { name: /^待您处理 \d+$/ });
  const waiting = Number((await tab.innerText()).match(/\d+/)[0]);
  assert.ok(waiting > 0 && waiting < all, `${waiting} of ${all} wait`);
  await tab.click();
  await page.waitForURL('**/purchased-services?tab=waiting');
  await page.getByText(`一共有 ${waiting} 条`).waitFor();
  await rows(page)
    .getByText(/^待您处理 · /)
    .nth(waiting - 1)
    .waitFor();
  const number = await rows(page).first().locator('.clamped').first().innerText();
  await page.getByLabel('订单号', { exact: true }).fill('没有这样的订单');
  await page.keyboard.press('Enter');
  await page.getByText('没有符合条件的数据').waitFor();
  await page.getByRole('button', { name: '重置' }).first().click();
  await page.getByRole('tab', { name: /^全部/ }).click();
  await page.getByLabel('订单号', { exact: true }).fill(number);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/purchased-services?order_number=${number}`);
  await page.getByText('一共有 1 条').waitFor();
}

export const found = [
  filterByValues,
  waitInTheQueue,
  chooseWhatToTry,
  departmentInUse,
  boxOfEveryMessage,
  menusAndRoles,
  projectPage,
  pausedProject,
  refusedAtTheField,
  longNames,
  fromTheBoard,
  onThePhone,
  tidyRows,
  findPurchased,
];
