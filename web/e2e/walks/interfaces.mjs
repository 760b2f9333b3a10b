/** The vendor's ways in for programs: access keys, and connections to marketplaces. */
import assert from 'node:assert/strict';
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

export const interfaces = [accessKeys];
