/** What people do, done in the browser: each walk fails with what it missed. */
import assert from 'node:assert/strict';
import { signIn } from './sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';

/** U-23 … U-28: a new user, the password shown once, and its change before anything else. */
async function newUserChangesPassword(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/provider/users');
  await page.getByRole('button', { name: '新建', exact: true }).click();
  const form = page.getByRole('dialog');
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
  assert.equal(copied, `账号：${login}\n密码：${password}`);
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

/** R-56 … R-62 over the details page of the provider, and G-17: the entrance is switched without signing out. */
async function pauseAndResume(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.getByText('服务商入口', { exact: true }).click();
  await page.waitForURL('**/provider/projects');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.getByRole('button', { name: '暂停项目' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await page.getByText('必填').waitFor();
  await page.getByLabel('暂停备注').fill('等待客户资料');
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await page.getByText('已暂停', { exact: true }).waitFor();
  await page.getByRole('button', { name: '启动项目' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '启动项目' }).click();
  await page.getByText('执行中', { exact: true }).waitFor();
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
  await page.getByRole('link', { name: '返回' }).click();
  await page.waitForURL('**/vendor/projects?order_number=10000107');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: '列表导出' }).click();
  assert.match((await download).suggestedFilename(), /\.xlsx$/);
  await page.getByRole('button', { name: '重置' }).click();
  await page.getByText('一共有 21 条').waitFor();
  assert.equal(new URL(page.url()).search, '');
}

export const walks = [filterAndExport, pauseAndResume, newUserChangesPassword];
