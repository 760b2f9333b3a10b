/** Scenario 1 (X-101 … X-112): the main account serves itself, on the screens. */
import assert from 'node:assert/strict';
import {
  dispatchNow,
  flowLog,
  openProject,
  press,
  seeLoad,
  seeQueue,
  setLoad,
  sooner,
  submitRequirement,
  upload,
} from './kit.mjs';

const VENDOR = '个体建站服务商';
const PUBLIC = '信息类网站建设模板';
const CUSTOMER = '客户甲乙丙 顾客';
const ADMIN = `${VENDOR} 服务商管理员`;
const passed = (node, actor) => [
  [node, `${node}已完成`, actor],
  [node, `进入${node}`, actor],
];
const LOG = [
  ['项目', '项目完成', '系统'],
  ...passed('完成项目', CUSTOMER),
  ...passed('项目验收', CUSTOMER),
  ...passed('网站设计', ADMIN),
  ...passed('需求确认', ADMIN),
  ...passed('提交需求', CUSTOMER),
  ...passed('分配服务商', '系统'),
  ['项目', '项目开始', '系统'],
];

export async function scenario1(stage, step) {
  step('X-101 … X-106: an ISV with nothing but its main account; a copy of a public template; a product');
  const { page, api, party } = await stage.isv(VENDOR);
  const found = await api.get('/templates?scope=public&limit=100');
  const original = found.items.find(({ name }) => name === PUBLIC);
  const copy = await api.post(`/templates/${original.id}/copies`, { name: '自服务网站设计' });
  const { nodes } = await api.get(`/templates/${copy.id}`);
  const own = nodes.map((node) => (node.side === 'provider' ? { ...node, role: 'provider_admin' } : node));
  await api.put(
    `/templates/${copy.id}/content`,
    { name: '自服务网站设计', nodes: own },
    { headers: { 'If-Match': `"${copy.version}"` } },
  );
  await api.post(`/templates/${copy.id}/publication`);
  const product = await stage.product(api, copy.id, [{ provider_id: party.party_id }], '55001', 'name_55');

  step('X-107: 持单量设置 shows the main account with both roles; its maximum is set to 2');
  await sooner(page, '/provider/loads', () => page.getByText('厂商管理员、服务商管理员').isVisible());
  await setLoad(page, VENDOR, 2);
  await seeLoad(page, VENDOR, 0, 2);

  step('X-108, X-109: bought, submitted, found in 待处理, confirmed, uploaded, confirmed');
  const first = await stage.buy(product);
  await submitRequirement(stage.buyer, first, '提交需求');
  await openProject(page, '/provider/my-projects', first, '需求确认');
  await press(page, '确认');
  await openProject(page, '/provider/my-projects', first, '网站设计');
  await upload(page);
  await press(page, '确认');
  await openProject(stage.buyer, '/customer/purchased-services', first, '项目验收');
  await pressFirst(stage.buyer);
  await openProject(stage.buyer, '/customer/purchased-services', first, '完成项目');
  await pressFirst(stage.buyer);

  step('X-110: 已完成的项目 lists it; the evaluation dialog opens for the customer until it is given');
  await openProject(page, '/provider/projects?tab=completed', first);
  assert.deepEqual(
    (await flowLog(page)).map((row) => row.slice(0, 3)),
    LOG,
  );
  await openProject(stage.buyer, '/customer/purchased-services', first);
  const evaluation = stage.buyer.getByRole('dialog', { name: '对本次服务进行评价' });
  await evaluation.getByRole('button', { name: '取消' }).click();
  await openProject(stage.buyer, '/customer/purchased-services', first);
  await evaluation.locator('.star').nth(4).click();
  await evaluation.locator('.star-on').nth(4).waitFor();
  await evaluation.getByLabel('评价内容').fill('沟通顺畅');
  await evaluation.getByRole('button', { name: '确定' }).click();
  await stage.buyer.getByText('感谢您的评价').first().waitFor();
  await openProject(page, '/provider/projects?tab=completed', first);
  await page.getByText('沟通顺畅').first().waitFor();
  await seeLoad(page, VENDOR, 0, 2);

  step('X-111: with maximum 2 and two running projects a third purchase waits');
  await stage.buy(product);
  await stage.buy(product);
  await seeLoad(page, VENDOR, 2, 2);
  const third = await stage.buy(product);
  await seeQueue(page, 'provider', [[third, '所有服务商员工持单量已满']]);
  await dispatchNow(page, 'provider', third, `订单 ${third} 分单失败：所有服务商员工持单量已满`);

  step('X-112: the maximum is raised to 3, the third project goes on');
  await setLoad(page, VENDOR, 3);
  await seeQueue(page, 'provider', []);
  await seeLoad(page, VENDOR, 3, 3);
}

/** Confirm the open node, whatever the template calls it. */
async function pressFirst(page) {
  await press(page, (await page.locator('.current .ant-btn-primary').first().innerText()).replaceAll(' ', ''));
}
