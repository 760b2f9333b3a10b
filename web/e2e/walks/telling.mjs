/** How people are told: what each wants to hear where, and what a template tells by itself. */
import assert from 'node:assert/strict';
import { signIn } from '../sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const DESIGNER = '服务商员工 (高级设计师、设计师)';

/** What is switched off and the quiet hours stay as they were saved. */
async function chooseHowToBeTold(page, { accounts }) {
  await signIn(page, accounts[DESIGNER]);
  await page.goto('/provider/profile');
  const sms = page.getByRole('checkbox', { name: '项目到达我的节点 短信' });
  const save = page.getByRole('button', { name: '保存提醒设置' });
  await sms.waitFor();
  assert.equal(await sms.isChecked(), true);
  assert.equal(await save.isDisabled(), true);
  await sms.uncheck();
  await page.getByRole('checkbox', { name: '免打扰时段' }).check();
  await page.getByText('（北京时间）').waitFor();
  await save.click();
  await page.getByText('提醒设置已保存').waitFor();
  await page.reload();
  await sms.waitFor();
  assert.equal(await sms.isChecked(), false);
  assert.equal(await page.getByRole('checkbox', { name: '免打扰时段' }).isChecked(), true);
  assert.equal(await page.getByRole('checkbox', { name: '项目到达我的节点 邮件' }).isChecked(), true);
}

/** Its owner switches the default messages of a published template; those of a public one are not his. */
async function switchDefaultMessages(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/templates?scope=private&state=published');
  await page.getByRole('link', { name: /^查看/ }).first().click();
  const told = page.getByRole('switch', { name: '默认提醒操作人' });
  await told.waitFor();
  assert.equal(await told.isChecked(), true);
  await told.click();
  await page.getByText('已关闭默认提醒').waitFor();
  await page.reload();
  await told.waitFor();
  assert.equal(await told.isChecked(), false);
  await told.click();
  await page.getByText('已开启默认提醒').waitFor();
  await page.goto('/vendor/templates?scope=public');
  await page.getByRole('link', { name: /^查看/ }).first().click();
  await told.waitFor();
  assert.equal(await told.isDisabled(), true);
}

export const telling = [chooseHowToBeTold, switchDefaultMessages];
