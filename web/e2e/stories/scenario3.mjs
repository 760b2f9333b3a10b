/** Scenario 3 (X-301 … … X-328): outsourcing, to departments and to other providers, on the screens. */
import assert from 'node:assert/strict';
import {
  dispatchNow,
  employ,
  flowLog,
  openProject,
  press,
  seeLoad,
  seeQueue,
  setLoad,
  settled,
  sooner,
  submitRequirement,
  upload,
} from './kit.mjs';

const CLAIMED = [
  { id: 'start', type: 'assign_provider', name: '分配服务商' },
  { id: 'claim', type: 'claim_order', name: '认领订单', role: 'account_manager', timeout: 0 },
  { id: 'assign', type: 'assign_order', name: '分单', role: 'designer', rule: 'department_first' },
  { id: 'submit', type: 'submit_requirement', name: '需求提交', form: 'information_website' },
  {
    id: 'prototype',
    type: 'container',
    name: '网站原型制作',
    children: [{ id: 'build', type: 'general', name: '原型搭建', side: 'provider', role: 'designer', upload: true }],
  },
  { id: 'end', type: 'complete_project', name: '完成项目', confirm_button: '确认完成' },
];
const COMPANIES = ['外包公司1', '外包公司2', '外包公司3'];

/** Claim by number on the screen. */
async function claim(page, order, said) {
  await page.goto('/provider/claims');
  await page.getByLabel('订单号').fill(order);
  await page.keyboard.press('Enter');
  await page.getByText(said).first().waitFor();
}

export async function departments(stage, step) {
  step('X-301 … X-304: departments, each with a 客户经理 and a 设计师');
  const { page: admin, api, party } = await stage.isv('外包总公司');
  await admin.goto('/provider/users');
  for (const company of COMPANIES) {
    await admin.getByRole('button', { name: '新建部门' }).click();
    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('部门名称').fill(company);
    await dialog.getByRole('button', { name: '确定' }).click();
    await admin.getByRole('tree').getByText(company, { exact: true }).waitFor();
  }
  const managers = [];
  for (const [index, department] of COMPANIES.entries()) {
    const n = index + 1;
    const account = await employ(admin, { login: `manager${n}`, name: `客户经理${n}`, role: '客户经理', department });
    managers.push(await stage.person(account));
    await employ(admin, { login: `designer${n}`, name: `设计师${n}`, role: '设计师', department });
    await sooner(admin, '/provider/loads', () => admin.getByRole('button', { name: `设置 设计师${n}` }).isVisible());
    await setLoad(admin, `设计师${n}`, n === 2 ? 1 : 50);
  }

  step('X-305 … X-309: a template with 认领订单 and 部门优先, a product, a purchase');
  const template = await stage.publish(api, '建站服务流模板1', CLAIMED);
  const product = await stage.product(api, template, [{ provider_id: party.party_id }]);
  const first = await stage.buy(product);

  step('X-310: the 客户经理 of 外包公司2 sees and claims it; those of 1 and 3 can no longer');
  const [one, two, three] = managers;
  await sooner(two, '/provider/claims', () => two.getByRole('button', { name: `认领 ${first}001` }).isVisible());
  await claim(two, '404', '不存在');
  await claim(two, first, `订单 ${first} 认领成功`);
  await claim(one, first, '订单已被认领');
  await claim(three, first, '订单已被认领');

  step('X-311: a 设计师 of 外包公司2 gets it');
  await seeLoad(admin, '设计师2', 1, 1);
  await seeLoad(admin, '设计师1', 0, 50);
  await seeLoad(admin, '设计师3', 0, 50);

  step('X-312: its 设计师 is full: a further order of the department waits and no other gets it');
  const second = await stage.buy(product);
  await sooner(two, '/provider/claims', () => two.getByRole('button', { name: `认领 ${second}001` }).isVisible());
  await two.getByRole('button', { name: `认领 ${second}001` }).click();
  await two.getByText(`订单 ${second} 认领成功`).first().waitFor();
  await seeQueue(admin, 'provider', [[second, '所有服务商员工持单量已满']]);
  await dispatchNow(admin, 'provider', second, `订单 ${second} 分单失败：所有服务商员工持单量已满`);
  await seeLoad(admin, '设计师1', 0, 50);
  await setLoad(admin, '设计师2', 2);
  await seeQueue(admin, 'provider', []);
  await seeLoad(admin, '设计师2', 2, 2);

  step('X-313: what follows is as in scenario 2');
  await admin.goto('/provider/users');
  await admin.getByRole('button', { name: '密码重置 设计师2' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: '密码重置' }).click();
  const secret = admin.getByRole('dialog', { name: '提示' });
  const login_name = `designer2@${party.login_name.split('@')[1]}`;
  const designer = await stage.person({ login_name, password: await secret.locator('code').innerText() });
  await submitRequirement(stage.buyer, first, '需求提交');
  await openProject(designer, '/provider/my-projects', first, '原型搭建');
  await upload(designer);
  await press(designer, '确认');
  await openProject(stage.buyer, '/customer/purchased-services', first, '完成项目');
  await press(stage.buyer, '确认完成');
  await secret.getByRole('button', { name: '知道了' }).click();
  await openProject(admin, '/provider/projects?tab=completed', first);
  const log = (await flowLog(admin)).map((row) => row.slice(0, 3));
  assert.deepEqual(log[0], ['项目', '项目完成', '系统']);
  assert.deepEqual(log.find(([, event]) => event === '订单认领')?.[2], '客户经理2 客户经理');
  assert.deepEqual(log.find(([, event]) => event === '原型搭建已完成')?.[2], '设计师2 设计师');
}

const OUTSOURCED = [
  { id: 'start', type: 'assign_provider', name: '分配服务商节点' },
  { id: 'dispatch', type: 'assign_order', name: '分配订单', role: 'designer' },
  { id: 'submit', type: 'submit_requirement', name: '顾客提交需求', form: 'information_website' },
  { id: 'design', type: 'general', name: '设计', side: 'provider', role: 'designer', upload: true },
  { id: 'end', type: 'complete_project', name: '完成项目', confirm_button: '确认完成' },
];
const A = '河北服务商';
const B = '杭州服务商';

export async function vendors(stage, step) {
  step('X-321 … X-323: a vendor, two related providers with equal weights');
  const vendor = await stage.isv('云梦DB');
  const providers = { [A]: await stage.isv(A, '1'), [B]: await stage.isv(B, '2') };
  const template = await stage.publish(vendor.api, '网站设计', OUTSOURCED);
  const product = await stage.product(vendor.api, template, []);
  const limit = (maximum) =>
    Object.values(providers).map(({ party }) => ({ provider_id: party.party_id, weight: 50, maximum }));
  for (const { party } of Object.values(providers)) {
    await stage.operator.put(`/relations/${product}/${party.party_id}`, {}, { patient: true });
  }
  await stage.configure(vendor.api, product, limit(500));

  step('X-324: each provider creates a 设计师');
  for (const [name, { page }] of Object.entries(providers)) {
    await employ(page, { login: 'designer', name: `${name}设计师`, role: '设计师' });
    await sooner(page, '/provider/loads', () => page.getByRole('button', { name: `设置 ${name}设计师` }).isVisible());
    await setLoad(page, `${name}设计师`, 50);
  }

  step('X-325, X-326: purchases are spread; each provider sees its own, the vendor all of them');
  const orders = [];
  for (let n = 0; n < 10; n++) {
    orders.push(await stage.buy(product));
  }
  const listed = async (page, entrance) => {
    await page.goto(`/${entrance}/projects`);
    await settled(page);
    const texts = await page.getByRole('row').allInnerTexts();
    return orders.filter((order) => texts.some((text) => text.includes(`${order}001`)));
  };
  await sooner(vendor.page, '/vendor/projects', async () => (await listed(vendor.page, 'vendor')).length === 10);
  let held = { [A]: [], [B]: [] };
  await sooner(vendor.page, '/vendor/projects', async () => {
    held = { [A]: await listed(providers[A].page, 'provider'), [B]: await listed(providers[B].page, 'provider') };
    return held[A].length + held[B].length === 10;
  });
  assert.ok(held[A].length > 0 && held[B].length > 0);
  assert.deepEqual([...held[A], ...held[B]].sort(), orders);

  step('X-327: the vendor changes the provider from A to B: the flow restarts, the log keeps both');
  const [moved] = held[A];
  await submitRequirement(stage.buyer, moved, '顾客提交需求');
  await openProject(vendor.page, '/vendor/projects', moved, '设计');
  await vendor.page.getByRole('button', { name: '更换服务商' }).click();
  const change = vendor.page.getByRole('dialog');
  await change.getByText('更换服务商后该服务流程将重新启动，请谨慎操作！').waitFor();
  await change.getByLabel('选择服务商').click();
  await vendor.page
    .getByTitle(new RegExp(`^${B}`))
    .last()
    .click();
  await change.getByLabel('更换备注').fill('服务不到位');
  await change.getByRole('button', { name: '确定' }).click();
  await vendor.page.getByText('服务商已更换').first().waitFor();
  await openProject(vendor.page, '/vendor/projects', moved, '顾客提交需求');
  const log = await flowLog(vendor.page);
  assert.deepEqual(log.at(-1).slice(0, 3), ['项目', `服务商由${A}更换为${B}\n查看变更前操作记录`, '云梦DB']);
  await sooner(providers[B].page, '/provider/projects', async () =>
    (await listed(providers[B].page, 'provider')).includes(moved),
  );
  assert.ok(!(await listed(providers[A].page, 'provider')).includes(moved));

  step("X-328: all providers full: a further order waits in the vendor's queue; raised, 分单 assigns it");
  await stage.configure(vendor.api, product, limit(1));
  const last = await stage.buy(product);
  await seeQueue(vendor.page, 'vendor', [[last, '服务商持单量已满']]);
  await dispatchNow(vendor.page, 'vendor', last, `订单 ${last} 分单失败：服务商持单量已满`);
  await stage.configure(vendor.api, product, limit(500));
  await sooner(vendor.page, '/vendor/queue', async () => {
    const button = vendor.page.getByRole('button', { name: `分单 ${last}`, exact: true });
    if (await button.isVisible()) {
      await button.click({ timeout: 2_000 });
    }
    return vendor.page.getByText('当前没有排队的项目').isVisible();
  });
}
