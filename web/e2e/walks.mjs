/** What people do, done in the browser: each walk fails with what it missed. */
import assert from 'node:assert/strict';
import { Api } from './api.mjs';
import { hardships } from './hardships.mjs';
import { signIn } from './sign-in.mjs';
import { care } from './walks/care.mjs';
import { claiming } from './walks/claiming.mjs';
import { conversation } from './walks/conversation.mjs';
import { found } from './walks/found.mjs';
import { interfaces } from './walks/interfaces.mjs';
import { telling } from './walks/telling.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const ACCOUNT_MANAGER = '服务商员工 (客户经理)';

/** Whether a request changes something; the session renews itself besides. */
const isCommand = (request) => request.method() !== 'GET' && !request.url().endsWith('/sessions/refresh');

/** U-23 … U-28: a new user, the password shown once, and its change before anything else. */
async function newUserChangesPassword(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/users');
  await page.locator('.page-head').getByRole('button', { name: '新建' }).click();
  const form = page.getByRole('dialog');
  for (const [field, placeholder] of [
    ['登录名称', '请输入登录名称'],
    ['姓名', '请输入姓名'],
    ['手机号', '请输入手机号'],
  ]) {
    assert.equal(await form.getByLabel(field).getAttribute('placeholder'), placeholder);
  }
  await form.getByText('请选择角色名称').waitFor();
  await form.getByLabel('登录名称').fill('e2e.person');
  await form.getByLabel('姓名').fill('测试员');
  await form.getByLabel('角色').click();
  await page.getByTitle('工程师').click();
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: '确定' }).click();
  const shown = page.getByRole('dialog', { name: '提示' });
  await shown.getByText('用户创建成功！以下是账号信息，请牢记！').waitFor();
  const password = await shown.locator('code').innerText();
  assert.match(password, /^[A-Za-z0-9]{8}$/);
  await shown.getByRole('button', { name: '一键复制' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const login = `e2e.person@${accounts[ADMIN][0].split('@')[1]}`;
  assert.equal(copied, `账号：${login}\n密码：${password}\n登录地址：${new URL('/login', page.url())}`);
  await shown.getByRole('button', { name: '知道了' }).click();
  await page.getByRole('cell', { name: 'e2e.person' }).waitFor();
  await page.getByRole('button', { name: '账号菜单' }).click();
  await page.getByText('退出登录').click();
  await page.waitForURL('**/login');
  await signIn(page, [login, password]);
  await page.getByRole('heading', { name: '修改登录密码' }).waitFor();
  await page.goto('/provider/profile');
  await page.getByRole('heading', { name: '修改登录密码' }).waitFor();
  await page.getByLabel('当前密码').fill(password);
  await page.getByLabel('新密码', { exact: true }).fill('Delivery-e2e-2026');
  await page.getByLabel('确认新密码').fill('Delivery-e2e-2026');
  await page.getByRole('button', { name: '修改密码' }).click();
  await page.getByText('e2e.person@').first().waitFor();
}

/** R-56 … R-62 over the details page of the provider, D-58, and G-17: the entrance is switched without signing out. */
async function pauseAndResume(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.getByText('服务商入口', { exact: true }).click();
  await page.waitForURL('**/provider/work');
  await page.getByRole('link', { name: '项目管理' }).click();
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.getByRole('button', { name: '暂停项目' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await page.getByText(/^请填写/).waitFor();
  await page.getByLabel('暂停备注').fill('等待客户资料');
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await page.locator('.ant-tag', { hasText: '已暂停' }).waitFor();
  await page.getByRole('button', { name: '启动项目' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '启动项目' }).click();
  await page.getByText('执行中', { exact: true }).waitFor();
  await page.goto('/provider/loads');
  await page.locator('.receiving').first().waitFor();
  for (const shown of await page.locator('.receiving').allInnerTexts()) {
    assert.match(shown, /^● (正常|暂停)$/);
  }
}

/** R-12 … R-16, G-30: filters stand in the address, 返回 finds them again, 重置 empties them, the export is a file. */
async function filterAndExport(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.getByLabel('订单号', { exact: true }).fill('10000107');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/vendor/projects?order_number=10000107');
  await page.getByText('一共有 1 条').waitFor();
  await page.getByRole('link', { name: /^详情/ }).click();
  await page.getByRole('heading', { name: /10000107/ }).waitFor();
  assert.match(await page.title(), /^(\(\d+\) )?10000107 · name_99 – 项目详情 – 交付中心$/);
  const crumbs = await page.locator('.ant-breadcrumb-link').allInnerTexts();
  assert.deepEqual(
    crumbs.map((crumb) => crumb.trim()),
    ['项目详情', '返回'],
  );
  await page.getByRole('banner').getByText('交付中心').waitFor();
  await page.getByRole('link', { name: '返回' }).click();
  await page.waitForURL('**/vendor/projects?order_number=10000107');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: '列表导出' }).click();
  assert.match((await download).suggestedFilename(), /^项目管理-执行中的项目-\d{4}-\d\d-\d\d\.xlsx$/);
  await page.getByRole('button', { name: '重置' }).click();
  await page.getByText('一共有 21 条').waitFor();
  assert.equal(new URL(page.url()).search, '');
}

/** marks of the steps, and their details on a click; R-98: 取消 stores nothing; R-132: from 我的项目. */
async function readProject(page, { accounts }) {
  await signIn(page, accounts[ACCOUNT_MANAGER]);
  await page.goto('/provider/my-projects');
  await page.getByRole('tab', { name: /^已处理/ }).click();
  await page.getByRole('row', { name: '1230015' }).getByRole('link', { name: /^详情/ }).click();
  await page.locator('.current').waitFor();
  const steps = page.locator('.flow > .flow-step');
  const open = await steps.evaluateAll((all) => all.findIndex((step) => step.classList.contains('flow-open')));
  const marks = await steps.locator('> .flow-head > .flow-mark').allInnerTexts();
  assert.ok(open > 0 && open < marks.length - 1, `${open} of ${marks}`);
  assert.deepEqual(
    marks,
    marks.map((_, step) => (step <= open ? '●' : '○')),
  );
  const first = steps.first().locator('> .flow-head');
  assert.equal(await first.getAttribute('aria-expanded'), 'false');
  assert.equal(await steps.first().locator('.flow-body').count(), 0);
  await first.click();
  await steps.first().locator('.flow-body').getByText('系统').first().waitFor();
  const sent = [];
  page.on('request', (request) => isCommand(request) && sent.push(request.url()));
  for (const [name, field] of [
    ['项目留言', '留言内容'],
    ['项目备注', '备注内容'],
  ]) {
    await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
    await page.getByRole('textbox', { name: field }).fill('不会保存');
    await page.getByRole('textbox', { name: field }).fill('');
  }
  assert.deepEqual(sent, []);
}

const dialog = (page) => page.getByRole('dialog').last();
const choose = async (page, label, option) => {
  await page.getByLabel(label, { exact: true }).click();
  await page.keyboard.type(option);
  await page.locator('.ant-select-dropdown:visible').getByTitle(option).click();
};

/**
 * T-08, T-12: 取消 and × send nothing; T-17 … T-34: nodes are added in the list; T-89: ⊗ takes a row out; T-98: all
 * violations, at their nodes; T-99, T-100: 发布; T-15, T-16: the read-only page.
 */
async function designTemplate(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/templates');
  const sent = [];
  page.on('request', (request) => {
    if (isCommand(request)) {
      sent.push(request.url());
    }
  });
  for (const close of ['.ant-modal-footer button:first-child', '.ant-modal-close']) {
    await page.getByRole('button', { name: /新建$/ }).click();
    await page.getByRole('dialog', { name: '新建流程模板' }).getByLabel('服务流程名称').fill('不会保存');
    await dialog(page).locator(close).click();
    await page.getByRole('button', { name: '放弃', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  assert.deepEqual(sent, []);
  await page.getByRole('button', { name: /新建$/ }).click();
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByText('请输入正确的模板名称').waitFor();
  await dialog(page).getByLabel('服务流程名称').fill(`浏览器设计的模板 ${Date.now()}`);
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.waitForURL('**/edit');
  await page.getByText('列表', { exact: true }).click();
  // A new template begins with its first and its last node.
  for (const type of ['提交需求节点', '确认节点']) {
    await page.getByRole('button', { name: /添加节点$/ }).click();
    const types = page.locator('.ant-dropdown:visible').getByRole('menuitem');
    await types.filter({ hasText: type }).waitFor();
    assert.equal(await types.count(), 7);
    await types.filter({ hasText: '服务商的子公司或部门认领订单' }).waitFor();
    await types.filter({ hasText: type }).click();
    await types.first().waitFor({ state: 'hidden' });
    await page.getByLabel('节点名称').waitFor();
  }
  assert.deepEqual(await page.locator('.outline-name > span:first-child').allInnerTexts(), [
    '分配服务商节点',
    '提交需求节点',
    '确认节点',
    '完成项目节点',
  ]);
  await page.getByRole('button', { name: '新增' }).click();
  for (const choice of await page.locator('.reminder .reminder-choice').all()) {
    const { width } = await choice.boundingBox();
    assert.ok(width >= 140, `a choice of a reminder is ${width} wide`); // C-17
  }
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('节点「确认节点」有提醒未选择完整，无法保存').waitFor();
  await page.getByRole('button', { name: '删除第 1 行提醒' }).click();
  await page.getByText('暂无数据').waitFor();
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('所有修改已保存').waitFor();
  // A confirm node is the customer's unless it is made the provider's; then its role must be said.
  assert.equal(await page.getByRole('radio', { name: '客户端' }).isChecked(), true);
  await page.getByText('服务商', { exact: true }).last().click();
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('所有修改已保存').waitFor();
  // What stands against publishing is said before anything is asked, in the order of the flow, and leads to its field.
  await page.getByRole('button', { name: '发布', exact: true }).click();
  await page.getByText('模板不满足发布条件，共 2 处').waitFor();
  assert.equal(await dialog(page).count(), 0);
  assert.deepEqual(await page.locator('.problem-list li').allInnerTexts(), [
    '节点“提交需求节点”：请选择模板',
    '节点“确认节点”：请选择角色',
  ]);
  await page.getByRole('button', { name: '节点“确认节点”：请选择角色' }).click();
  await page
    .getByRole('combobox', { name: /选择角色/ })
    .and(page.locator(':focus'))
    .waitFor();
  await page.getByRole('button', { name: '节点“提交需求节点”：请选择模板' }).click();
  await page
    .getByRole('combobox', { name: /选择模板/ })
    .and(page.locator(':focus'))
    .waitFor();
  const publish = async () => {
    await page.getByRole('button', { name: '发布', exact: true }).click();
    await dialog(page).getByRole('button', { name: '发布' }).click();
  };
  await page.locator('.outline-node', { hasText: '提交需求节点' }).getByLabel('1 处不满足发布条件').waitFor();
  await page.locator('.outline-node', { hasText: '确认节点' }).getByLabel('1 处不满足发布条件').waitFor();
  await choose(page, '选择模板', '信息类网站建设需求');
  await page.locator('.outline-node', { hasText: '确认节点' }).click();
  await page.getByText('客户端', { exact: true }).click();
  await page.locator('.ant-select-content', { hasText: '顾客' }).or(page.getByTitle('顾客')).first().waitFor();
  await publish();
  await page.waitForURL(/templates\/[0-9a-f-]+$/);
  await page.getByText('已发布', { exact: true }).waitFor();
  await page.locator('.outline-node', { hasText: '确认节点' }).click();
  const values = page.locator('.designer > section').last();
  assert.deepEqual(await values.locator('thead th').allInnerTexts(), ['接收者', '触发时机', '消息模板']);
  await values.getByText('暂无数据').waitFor();
  assert.equal(await values.locator('input').count(), 0);
}

/** P-08 … P-12: 上架; P-19 … P-26: providers are ticked, checked, and in force after 保存 only; P-05, P-29: 查看. */
async function listProduct(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/products');
  await page.getByRole('button', { name: '上架' }).click();
  await page.getByRole('heading', { name: '填写接入信息' }).waitFor();
  await page.getByLabel('产品编号').fill('E2E-0001');
  await page.getByLabel('产品名称').fill('浏览器上架的产品');
  await choose(page, '服务流程模板', '提交与确认（序号');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.getByText('商品已上架').waitFor();
  assert.equal(await page.getByRole('button', { name: '保存' }).isDisabled(), true);
  await page.getByRole('button', { name: '选择服务商' }).click();
  await dialog(page).getByText('1、权重取值范围为1-100，最大持单量取值范围为0-2000', { exact: true }).waitFor();
  await dialog(page).getByText('2、文本框只支持整数，不支持小数', { exact: true }).waitFor();
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByText('还没有服务商').waitFor();
  await page.getByRole('button', { name: '选择服务商' }).click();
  await dialog(page).getByLabel('选择河北服务商').check();
  assert.equal(await dialog(page).getByLabel('河北服务商的权重').inputValue(), '10');
  assert.equal(await dialog(page).getByLabel('河北服务商的最大持单量').inputValue(), '1000');
  for (const [wrong, isRefused] of [
    ['101', true],
    ['10.5', true],
    ['0', true],
    ['20', false],
  ]) {
    await dialog(page).getByLabel('河北服务商的权重').fill(wrong);
    assert.equal(await dialog(page).getByRole('button', { name: '确定' }).isDisabled(), isRefused, wrong);
  }
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByText('有未保存的修改，保存后生效').waitFor();
  const heads = page.locator('.detail-page thead th');
  assert.deepEqual(await heads.allInnerTexts(), ['服务商名称', '权重', '最大持单量', '操作']);
  await page.getByRole('button', { name: '保存' }).click();
  await page.waitForURL('**/vendor/products');
  const row = page.getByRole('row', { name: /E2E-0001/ });
  await row.getByText('已配置').waitFor();
  await row.getByRole('link', { name: /^查看/ }).click();
  await page.getByRole('cell', { name: '20 分单概率 100%' }).waitFor();
  assert.equal(await page.locator('.detail-page table input').count(), 0);
  await page.getByRole('link', { name: '返回' }).click();
  await row.getByRole('link', { name: /^编辑/ }).click();
  await page.getByRole('button', { name: '删除河北服务商' }).click();
  await page.getByText('有未保存的修改，保存后生效').waitFor();
  await page.getByRole('link', { name: '返回' }).click();
  await page.getByRole('button', { name: '离开' }).click();
  await row.getByText('已配置').waitFor();
}

/** T-101, T-102: an edit of a published template is refused with a reason, submitted anew and approved. */
async function reviseTemplate(page, { accounts, base }) {
  const operator = await page.context().browser().newContext({ baseURL: base, locale: 'zh-CN' });
  const reviewer = await operator.newPage();
  await signIn(reviewer, accounts.云市场小二);
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/templates?state=published&scope=private&name=%E5%AE%8C%E6%88%90%E6%B5%8B%E8%AF%95');
  await page.getByRole('link', { name: '查看 完成测试' }).click();
  const submit = async (name) => {
    await page.getByRole('link', { name: '修改' }).click();
    await page.getByText('列表', { exact: true }).click();
    await page.locator('.outline-node').first().click();
    await page.getByLabel('节点名称').fill(name);
    await page.getByRole('button', { name: '提交审核' }).click();
    await page.getByText('修改已提交，等待云市场小二审核').waitFor();
  };
  const open = async () => {
    await reviewer.goto('/operator/reviews');
    await reviewer.getByRole('link', { name: '审核 完成测试' }).click();
  };
  await submit('分配服务商节点发布后编辑');
  await open();
  await reviewer.locator('ins', { hasText: '分配服务商节点发布后编辑' }).waitFor();
  await reviewer.getByRole('button', { name: '驳回' }).click();
  await dialog(reviewer).getByLabel('驳回原因').fill('请说明修改原因');
  await dialog(reviewer).getByRole('button', { name: '确定' }).click();
  await reviewer.getByText('没有待审核的修改').waitFor();
  await page.reload();
  await page.getByText('驳回原因：请说明修改原因').waitFor();
  await submit('分配服务商');
  await open();
  await reviewer.getByRole('button', { name: '通过' }).click();
  await dialog(reviewer).getByRole('button', { name: '通过' }).click();
  await reviewer.getByText('没有待审核的修改').waitFor();
  await page.reload();
  await page.locator('.outline-node', { hasText: '分配服务商' }).first().waitFor();
  await page.getByText('修改已提交').waitFor({ state: 'hidden' });
  await operator.close();
}

/** Who waits for a person is led on from the queue; what cannot be, says why. */
async function leadOn(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/queue');
  await page
    .getByRole('button', { name: /^指定操作人/ })
    .first()
    .click();
  await page.getByRole('dialog', { name: /^指定操作人/ }).waitFor();
  await dialog(page).getByText('没有同一角色且持单量有空缺的员工').waitFor();
  assert.equal(await dialog(page).getByRole('button', { name: '确定' }).isDisabled(), true);
  await dialog(page).getByRole('button', { name: '取消' }).click();
}

/** P-26, P-28: a provider configuration that somebody else has saved meanwhile is not overwritten unseen. */
async function configureTogether(page, { accounts, base }) {
  const [login_name, password] = accounts[ADMIN];
  const api = new Api(base, { login_name, password });
  await api.signIn();
  const { items } = await api.get('/product-list');
  const product = items.find((one) => one.provider_state === 'configured');
  await signIn(page, accounts[ADMIN]);
  await page.goto(`/vendor/products/${product.product_id}/edit`);
  const weight = page.getByLabel(/的权重$/).first();
  await weight.fill('77');
  const theirs = product.providers.map(({ provider_id, maximum }) => ({ provider_id, weight: 55, maximum }));
  await api.put(`/provider-configurations/${product.product_id}`, { providers: theirs });
  const ours = product.providers.map(({ provider_id, maximum, weight: was }) => ({
    provider_id,
    weight: was,
    maximum,
  }));
  await page.getByRole('button', { name: '保存' }).click();
  await dialog(page).getByText('服务商配置已被他人修改').waitFor();
  await dialog(page).getByRole('button', { name: '继续编辑' }).click();
  assert.equal(await weight.inputValue(), '77', 'nothing typed is lost');
  await page.getByRole('button', { name: '保存' }).click();
  await dialog(page).getByRole('button', { name: '放弃我的修改，载入最新内容' }).click();
  await page.waitForFunction(() => document.querySelector('input[aria-label$="的权重"]')?.value === '55');
  await weight.fill('66');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('有未保存的修改，保存后生效').waitFor({ state: 'hidden' });
  assert.equal(await weight.inputValue(), '66');
  await api.put(`/provider-configurations/${product.product_id}`, { providers: ours });
}

export const walks = [
  leadOn, // before somebody is employed who gets what waits
  ...hardships,
  filterAndExport,
  readProject,
  ...conversation,
  ...telling,
  ...found,
  ...interfaces,
  pauseAndResume,
  newUserChangesPassword,
  designTemplate,
  listProduct,
  reviseTemplate,
  ...care,
  ...claiming,
  configureTogether,
];
