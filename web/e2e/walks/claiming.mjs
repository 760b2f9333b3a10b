/** 开通账号: a buyer nobody registered gets an account of his own, on a phone. */
import assert from 'node:assert/strict';
import { Api } from '../api.mjs';
import { codeOf, linkOf } from '../links.mjs';
import { check } from '../showing.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const MARKETPLACE = '云市场订单';
const PHONE = { width: 390, height: 844 };
const PASSWORD = 'Delivery-e2e-2026';

/**
 * Two orders of one buyer name two people. Whoever comes by the link of one is refused an account until this phone has
 * shown the code of the other, too; then he signs in, and sees both.
 */
async function claimAccount(page, system) {
  const number = `L${Date.now()}`;
  const vendor = await new Api(system.base).as(...system.accounts[ADMIN]);
  const marketplace = await new Api(system.base).as(...system.accounts[MARKETPLACE]);
  const product = (await vendor.get('/products?limit=100')).items.find(({ code }) => code === '123001');
  const order = async (n) => {
    const body = {
      order_number: `${number}${n}`,
      business_number: `${number}${n}`,
      product_id: product.id,
      customer: { number, name: '麦家的公司' },
      contact: { name: `联系人${n}`, email: `claims${n}@example.com` },
    };
    return (await marketplace.post('/orders', body, { patient: true })).project_id;
  };
  const [first, second] = [await order(1), await order(2)];
  await page.setViewportSize(PHONE);

  await open(page, system, first);
  await page.getByRole('button', { name: '开通账号' }).click();
  const form = page.getByRole('dialog', { name: '开通账号' });
  assert.equal(await form.getByLabel('客户名称').inputValue(), '麦家的公司');
  await check(page, 'claimAccount: the form');
  await form.getByLabel('姓名').fill('麦家');
  await form.getByLabel('登录名称').fill('麦 家');
  await form.getByLabel('密码', { exact: true }).fill('12345678');
  await form.getByLabel('确认密码').fill('12345678');
  await form.getByLabel('手机号').fill('139 1234 5678');
  const submit = () => form.getByRole('button', { name: '开通', exact: true }).click();
  await submit();
  await showCode(page, system, first);
  await form.locator('.ant-form-item', { hasText: '登录名称' }).getByText('登录名称只能包含字母、数字').waitFor();
  await form.getByLabel('登录名称').fill('mai.jia');
  await submit();
  await form.getByRole('alert').getByText('还有1个订单').waitFor();
  await check(page, 'claimAccount: refused');
  await form.getByRole('button', { name: '取消' }).click();
  await page.getByRole('button', { name: '放弃', exact: true }).click();

  await open(page, system, second);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Get an account' }).click();
  await check(page, 'claimAccount: the form in English');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: '开通账号' }).click();
  await form.getByLabel('姓名').fill('麦家');
  await form.getByLabel('登录名称').fill('mai.jia');
  await form.getByLabel('密码', { exact: true }).fill('12345678');
  await form.getByLabel('确认密码').fill('12345678');
  await submit();
  await showCode(page, system, second);
  await form
    .locator('.ant-form-item', { hasText: '密码不符合要求' })
    .getByLabel('密码', { exact: true })
    .fill(PASSWORD);
  await form.getByLabel('确认密码').fill(PASSWORD);
  await submit();

  const welcome = page.getByRole('dialog', { name: '账号已开通' });
  const login = (await welcome.locator('.copyable').innerText()).trim();
  assert.match(login, /^mai\.jia@c\d{9}\.onaliyun\.com$/);
  await check(page, 'claimAccount: the welcome');
  await welcome.getByRole('button', { name: '进入' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/customer/') && !url.pathname.includes(second));
  await page.goto('/customer/purchased-services');
  for (const n of [1, 2]) {
    await page.getByText(`${number}${n}`).first().waitFor();
  }
  await page.goto('/customer/messages');
  await page.getByRole('heading', { level: 1 }).first().waitFor();

  // His links still open, and nobody gets a second account.
  await open(page, system, first);
  await page.getByRole('button', { name: '开通账号' }).click();
  await form.getByLabel('姓名').fill('别人');
  await form.getByLabel('登录名称').fill('bie.ren');
  await form.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await form.getByLabel('确认密码').fill(PASSWORD);
  await submit();
  await form.getByRole('alert').getByText('已有账号').waitFor();
}

/** Come by the link of the project. */
async function open(page, system, project) {
  await page.goto(linkOf(system, project));
  await page.getByRole('button', { name: '打开', exact: true }).click();
  await page.waitForURL(`**/customer/purchased-services/${project}`);
}

/** The first code asked for the project. */
async function showCode(page, system, project) {
  const asked = page.getByRole('dialog', { name: '验证码' });
  await asked.getByText('验证码已发送到订单预留的联系方式。').waitFor();
  await asked.getByRole('textbox', { name: '验证码' }).fill(codeOf(system, project, 1));
  await asked.getByRole('button', { name: '验证', exact: true }).click();
  await asked.waitFor({ state: 'hidden' });
}

export const claiming = [claimAccount];
