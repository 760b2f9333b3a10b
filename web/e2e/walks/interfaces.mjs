/** The vendor's ways in for programs: access keys, and connections to marketplaces. */
import assert from 'node:assert/strict';
import { Api } from '../api.mjs';
import { signIn } from '../sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const MANAGER = '厂商项目经理';
const PHONE = { width: 390, height: 800 };

const dialog = (page) => page.getByRole('dialog').last();

/** On a phone nothing has to be pushed sideways. */
async function fitsThePhone(page) {
  await page.setViewportSize(PHONE);
  await page.locator('.ant-spin-spinning').waitFor({ state: 'hidden' });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= PHONE.width, `the page is ${wide} wide`);
}

/** A key is made, shown once, switched off and on, and deleted; who is no admin has none of it. */
async function accessKeys(page, { accounts, base }) {
  await signIn(page, accounts[ADMIN]);
  await page.getByRole('link', { name: '访问密钥' }).click();
  await page.waitForURL('**/vendor/access-keys');
  await page.locator('.page-head').getByRole('button', { name: '新建访问密钥' }).click();
  await dialog(page).getByLabel('名称').fill('浏览器里的 ERP');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).getByText('请至少选择一项权限').waitFor();
  await dialog(page).getByRole('checkbox', { name: '项目 读取' }).check();
  await dialog(page).getByRole('checkbox', { name: '接入 操作' }).check();
  await dialog(page).getByLabel('允许的网段').fill('203.0.113.999');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).getByText('网段无效').waitFor();
  await dialog(page).getByLabel('允许的网段').fill('203.0.113.0/24\n2001:db8::/32');
  await dialog(page).getByRole('button', { name: '确定' }).click();

  const shown = page.getByRole('dialog', { name: '提示' });
  await shown.getByText('AccessKey Secret 只展示一次').waitFor();
  const [id, secret] = await shown.locator('code').allInnerTexts();
  await shown.getByRole('button', { name: '知道了' }).click();
  await page
    .getByRole('dialog', { name: /尚未复制访问密钥/ })
    .getByRole('button', { name: '返回' })
    .click();
  await shown.getByRole('button', { name: '一键复制' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `AccessKey ID：${id}\nAccessKey Secret：${secret}`);
  await shown.getByRole('button', { name: '知道了' }).click();
  await shown.waitFor({ state: 'hidden' });

  const row = page.getByRole('row', { name: /浏览器里的 ERP/ });
  await row.getByText('项目（读取）；接入（操作）').waitFor();
  await row.getByText('203.0.113.0/24、2001:db8::/32').waitFor();
  await row.getByText('长期有效').waitFor();
  await row.getByText('未使用过').waitFor();
  assert.equal(await page.getByText(secret).count(), 0, 'the secret is gone');
  await row.getByRole('button', { name: '停用 浏览器里的 ERP' }).click();
  await dialog(page).getByRole('button', { name: '停用' }).click();
  await row.getByText('已停用').waitFor();
  await row.getByRole('button', { name: '启用 浏览器里的 ERP' }).click();
  await row.getByText('可用').waitFor();
  await fitsThePhone(page);
  await page.getByRole('button', { name: '删除 浏览器里的 ERP' }).click();
  await dialog(page).getByRole('button', { name: '删除' }).click();
  await page.getByText('还没有访问密钥').waitFor();

  const manager = await page.context().browser().newContext({ baseURL: base, locale: 'zh-CN' });
  const other = await manager.newPage();
  await signIn(other, accounts[MANAGER]);
  assert.equal(await other.getByRole('link', { name: '访问密钥' }).count(), 0);
  await other.goto('/vendor/access-keys');
  await other.getByText('无权访问该页面').waitFor();
  await manager.close();
}

/**
 * A connection from nothing to its first order: address, secret, SKU map, test; what is parked is put right or refused.
 */
async function connections(page, { accounts, base }) {
  const api = await new Api(base).as(...accounts[ADMIN]);
  await signIn(page, accounts[ADMIN]);
  await page.getByRole('link', { name: '接入', exact: true }).click();
  await page.getByRole('cell', { name: '自有商城', exact: true }).waitFor();
  await page.locator('.page-head').getByRole('button', { name: '新建接入' }).click();
  await dialog(page).getByLabel('名称').fill('浏览器里的云市场');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.waitForURL(/connections\/[0-9a-f-]{36}$/);
  const path = new URL(page.url()).pathname;
  const id = path.split('/').at(-1);
  await page.getByText(`${base}/intake/generic/`).waitFor();

  await page.getByRole('button', { name: '进入测试' }).click();
  await dialog(page).getByRole('button', { name: '进入测试' }).click();
  await page.getByText('进入测试需先设置密钥').waitFor();
  await page.getByRole('button', { name: '设置密钥' }).click();
  await dialog(page).getByRole('button', { name: '生成密钥' }).click();
  const shown = page.getByRole('dialog', { name: '提示' });
  const secret = await shown.locator('code').last().innerText();
  await shown.getByRole('button', { name: '一键复制' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/intake\/generic\/.+\n密钥：\S+$/);
  await shown.getByRole('button', { name: '知道了' }).click();
  await page.getByRole('button', { name: '更换密钥' }).waitFor();
  assert.equal(await page.getByText(secret).count(), 0, 'the secret is gone');

  const file = (content) => ({ name: 'map.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
  const picker = page.locator('input[type=file]');
  await picker.setInputFiles(file('product_code,sku,product\ncmgj1,basic,没有的产品\n'));
  await page.getByText(/第 2 行 product/).waitFor();
  await page.getByRole('button', { name: '知道了' }).click();
  const product = (await api.get('/product-list')).items[0];
  await picker.setInputFiles(file(`product_code,sku,product,edition,地域\ncmgj1,basic,${product.code},标准版,华北\n`));
  await page.getByRole('row', { name: /cmgj1.*basic.*标准版.*地域=华北/ }).waitFor();
  await page.locator('section', { hasText: '规格映射' }).last().getByRole('button', { name: '添加' }).click();
  await dialog(page).getByLabel('云市场商品').fill('cmgj1');
  await dialog(page).getByLabel('云市场规格').fill('basic');
  await dialog(page).getByLabel('对应产品').click();
  await page.locator('.ant-select-item-option:visible').first().click();
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).getByText('该商品与规格已有映射').waitFor();
  await dialog(page).getByLabel('云市场规格').fill('pro');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByRole('row', { name: /cmgj1.*pro/ }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: '下载 CSV' }).click();
  assert.equal((await download).suggestedFilename(), '浏览器里的云市场.csv');

  await page.getByRole('button', { name: '进入测试' }).click();
  await dialog(page).getByRole('button', { name: '进入测试' }).click();
  await page.getByRole('button', { name: '测试订单' }).click();
  await dialog(page).getByRole('button', { name: '发送' }).click();
  await dialog(page)
    .getByText(/已发送，答复状态/)
    .waitFor();
  await dialog(page).getByRole('link', { name: '查看该订单的通知' }).click();
  await page.getByRole('row', { name: /order\.created.*已处理/ }).waitFor();
  for (const sku of ['unmapped', 'unwanted']) {
    await api.post(`/connections/${id}/test-orders`, { product_code: 'cmgj1', sku });
  }
  await page.goto(`${path}/notices?state=parked`);
  const parked = page.getByRole('row', { name: /规格映射中没有该商品与规格/ });
  await parked.first().waitFor();
  assert.equal(await parked.count(), 2);
  await parked.last().getByRole('button', { name: /^查看/ }).click();
  const panel = page.getByRole('dialog', { name: /^通知/ });
  await panel.getByText('原始报文').waitFor();
  await panel.getByText('webhook-signature').waitFor();
  await panel.getByRole('button', { name: '重新处理' }).click();
  const replay = page.getByRole('dialog', { name: /^重新处理/ });
  assert.equal(await replay.getByLabel('云市场规格').inputValue(), 'unmapped');
  await replay.getByLabel('云市场规格').fill('pro');
  await replay.getByRole('button', { name: '确定' }).click();
  await panel.getByText('更正 sku').waitFor();
  await panel.getByText('已处理', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  await parked.getByRole('button', { name: /^查看/ }).click();
  await panel.getByRole('button', { name: '拒绝' }).click();
  await page
    .getByRole('dialog', { name: /确定拒绝订单/ })
    .getByRole('button', { name: '拒绝' })
    .click();
  await panel.getByText('由管理员拒绝').waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${path}/notices`);
  await page.getByText('一共有 3 条').waitFor();
  await fitsThePhone(page);
  await page.goto(path);
  await page.getByText('最近通知').first().waitFor();
  await fitsThePhone(page);
  await page.goto('/vendor/connections');
  await page.getByRole('button', { name: /^客户链接有效期/ }).click();
  await dialog(page).getByLabel('有效期（小时）').fill('337');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).getByText('请输入 1-336 的整数').waitFor();
  await dialog(page).getByLabel('有效期（小时）').fill('96');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '客户链接有效期：96 小时' }).waitFor();
  await fitsThePhone(page);
  await api.put('/links/life', { hours: 72 });
}

/** The marketplace's own delivery center is told, by a key that is never shown again; who is no admin only looks. */
async function mirror(page, { accounts, base }) {
  const api = await new Api(base).as(...accounts[ADMIN]);
  const made = await api.post('/connections', { kind: 'aliyun-spi', name: '要上报的云市场', ready_when: 'started' });
  const path = `/vendor/connections/${made.id}`;
  await signIn(page, accounts[ADMIN]);
  await page.goto(path);
  await page.getByText('云市场有自己的交付中心时').waitFor();
  await page.getByRole('button', { name: '设置镜像' }).click();
  await dialog(page).getByLabel('AccessKey ID').fill('LTAI-browser');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).locator('.ant-form-item-explain-error').first().waitFor();
  await dialog(page).getByLabel('AccessKey Secret').fill('secret-of-the-browser');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  const part = page.locator('section', { hasText: 'LTAI-browser' }).last();
  await part.getByText('正常', { exact: true }).waitFor();
  assert.equal(await page.getByText('secret-of-the-browser').count(), 0, 'the secret is gone');
  await page.getByRole('button', { name: '设置镜像' }).click();
  assert.equal(await dialog(page).getByLabel('AccessKey Secret').inputValue(), '');
  await dialog(page).getByRole('switch', { name: '启用' }).click();
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await part.getByText('已停用', { exact: true }).waitFor();
  await fitsThePhone(page);
  await page.getByRole('link', { name: '上报记录' }).click();
  await page.getByText('还没有上报').waitFor();
  await fitsThePhone(page);

  const manager = await page.context().browser().newContext({ baseURL: base, locale: 'zh-CN' });
  const other = await manager.newPage();
  await signIn(other, accounts[MANAGER]);
  await other.goto(path);
  await other.getByText('LTAI-browser').waitFor();
  assert.equal(await other.getByRole('button', { name: '设置镜像' }).count(), 0);
  await manager.close();
}

/**
 * 订单参数: declared on a product row by row, missed by an order, put right and replayed, shown with its label and found.
 */
async function parameters(page, { accounts, base }) {
  const api = await new Api(base).as(...accounts[ADMIN]);
  const product = (await api.get('/product-list')).items.find((one) => !one.taken_offline_at);
  await signIn(page, accounts[ADMIN]);
  await page.goto(`/vendor/products/${product.product_id}/edit`);
  const add = async (name, label, type, ...more) => {
    await page.getByRole('button', { name: '添加参数' }).click();
    await dialog(page).getByLabel('订单中的名称').fill(name);
    await dialog(page).getByLabel('显示名称').fill(label);
    await dialog(page).getByLabel('类型').click();
    await page.locator('.ant-select-item-option:visible', { hasText: type }).click();
    for (const [field, value] of more) {
      const of = dialog(page).getByLabel(field);
      await (value === true ? of.click() : of.fill(value));
    }
    await dialog(page).getByRole('button', { name: '确定' }).click();
    await page.getByRole('cell', { name, exact: true }).waitFor();
  };
  await add('begin', '开始日期', '日期', ['必填', true], ['可搜索', true]);
  await add('size', '规模', '选项', ['选项', '大\n小']);
  await page.getByRole('button', { name: '添加参数' }).click();
  await dialog(page).getByLabel('订单中的名称').fill('size');
  await dialog(page).getByText('该产品已有此名称的参数').waitFor();
  await dialog(page).getByLabel('订单中的名称').fill('note');
  await dialog(page).getByLabel('显示名称').fill('备注');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '删除 备注' }).waitFor();
  await page.getByRole('button', { name: '上移 规模' }).click();
  await page
    .locator('tbody tr.ant-table-row')
    .filter({ hasText: /规模|开始日期/ })
    .first()
    .filter({ hasText: '规模' })
    .waitFor();
  const made = await api.post('/connections', { kind: 'generic', name: '带参数的商城', ready_when: 'started' });
  const path = `/connections/${made.id}`;
  await api.put(`${path}/secret`, {});
  await api.put(`${path}/sku-map`, {
    entries: [{ product_code: 'p1', sku: '', product_id: product.product_id, facts: { size: '大' } }],
  });
  await api.put(`${path}/stage`, { stage: 'test' });
  await api.post(`${path}/test-orders`, { product_code: 'p1' });
  await page.goto(`/vendor${path}/notices?state=parked`);
  await page
    .getByRole('row', { name: /订单缺少产品要求的参数“begin”/ })
    .getByRole('button')
    .click();
  await page.getByRole('button', { name: '重新处理' }).click();
  await dialog(page).getByLabel('参数“begin”').fill('2026-12-24');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByRole('link', { name: '查看项目' }).click();
  await page.getByText('开始日期').waitFor();
  await page.getByText('2026年12月24日').waitFor();

  await page.getByRole('button', { name: /Ctrl\+K/ }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /输入菜单名称/ }).fill('2026-12-24');
  await page.getByText('按订单参数查找 2026-12-24').click();
  await page.waitForURL(/parameter=2026-12-24/);
  await page.getByText('一共有 1 条').waitFor();

  await page.goto(`/vendor/products/${product.product_id}/edit`);
  for (const label of ['备注', '规模', '开始日期']) {
    await page.getByRole('button', { name: `删除 ${label}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await page.getByRole('button', { name: `删除 ${label}` }).waitFor({ state: 'detached' });
  }
}

export const interfaces = [accessKeys, connections, mirror, parameters];
