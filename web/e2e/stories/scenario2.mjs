/** Scenario 2 (X-201 … X-213): dispatch to sub-accounts, on the screens. */
import assert from 'node:assert/strict';
import {
  dispatchNow,
  employ,
  flowLog,
  openProject,
  passwordShown,
  press,
  reject,
  seeLoad,
  seeQueue,
  setLoad,
  sooner,
  submitRequirement,
  upload,
} from './kit.mjs';

const NODES = [
  { id: 'start', type: 'assign_provider', name: '分配服务商节点' },
  { id: 'dispatch', type: 'assign_order', name: '分配订单', role: 'designer' },
  { id: 'submit', type: 'submit_requirement', name: '顾客提交需求', form: 'information_website' },
  {
    id: 'agree',
    type: 'confirm',
    name: '设计师确定需求',
    side: 'provider',
    role: 'designer',
    confirm_button: '确认',
    rejectable: true,
    reject_button: '驳回',
  },
  { id: 'design', type: 'general', name: '设计师设计网站', side: 'provider', role: 'designer', upload: true },
  { id: 'accept', type: 'confirm', name: '项目验收', side: 'customer', confirm_button: '验收通过' },
  { id: 'end', type: 'complete_project', name: '完成项目', confirm_button: '确认完成' },
];
const CUSTOMER = '客户甲乙丙 顾客';
const DESIGNER = '李四 设计师';
const passed = (node, actor) => [
  [node, `${node}已完成`, actor],
  [node, `进入${node}`, actor],
];
const LOG = [
  ['项目', '项目完成', '系统'],
  ...passed('完成项目', CUSTOMER),
  ...passed('项目验收', CUSTOMER),
  ...passed('设计师设计网站', DESIGNER),
  ...passed('设计师确定需求', DESIGNER),
  ...passed('顾客提交需求', CUSTOMER),
  ['设计师确定需求', '设计师确定需求 未通过', DESIGNER],
  ['设计师确定需求', '进入设计师确定需求', DESIGNER],
  ...passed('顾客提交需求', CUSTOMER),
  ...passed('分配订单', '系统'),
  ...passed('分配服务商节点', '系统'),
  ['项目', '项目开始', '系统'],
];

export async function scenario2(stage, step) {
  step('X-201 … X-203: an ISV, its template with an assign-order node and its product');
  const { page: admin, api, party } = await stage.isv('北京云梦网络科技有限公司');
  const template = await stage.publish(api, '网站设计', NODES);
  const product = await stage.product(api, template, [{ provider_id: party.party_id }]);

  step('X-204: nobody can take the first order');
  const first = await stage.buy(product);
  await seeQueue(admin, 'provider', [[first, '没有找到可接单的服务商员工']]);
  await admin.getByRole('button', { name: `排队说明 ${first}` }).click();
  await admin.getByText('没有员工拥有该角色').waitFor();

  step('X-205, X-206: 李四 is created; the password is lost and reset');
  const lost = await employ(admin, { login: 'lisi', name: '李四', role: '设计师' });
  await admin.getByRole('button', { name: '密码重置 李四' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: '密码重置' }).click();
  const account = await passwordShown(admin, '密码重置成功！以下是账号信息，请牢记！');
  assert.equal(account.login_name, lost.login_name);
  assert.notEqual(account.password, lost.password);

  step('X-207, X-208: the project is assigned by itself; maximum loads are set, 51 is refused');
  await seeQueue(admin, 'provider', []);
  await admin.goto('/provider/loads');
  await admin.getByRole('button', { name: '设置 李四' }).click();
  const dialog = admin.getByRole('dialog');
  for (const wrong of ['51', '-1', '1.5', '十']) {
    await dialog.getByLabel('最大持单量').fill(wrong);
    await dialog.getByText('最大持单量取值范围为0-50，只支持整数').waitFor();
    await dialog.getByRole('button', { name: '确定' }).click();
    assert.ok(await dialog.isVisible());
  }
  await dialog.getByRole('button', { name: '取消' }).click();
  await admin.getByRole('button', { name: '放弃', exact: true }).click();
  await setLoad(admin, '李四', 50);
  await seeLoad(admin, '李四', 1, 50);

  step('X-210: 李四 signs in, must change the password and sees his receive status');
  const lisi = await stage.person(account);
  await lisi.waitForURL('**/provider/work');
  await lisi.goto('/provider/my-projects');
  await lisi
    .getByText('● 正常')
    .or(lisi.getByRole('group', { name: '接单状态' }))
    .first()
    .waitFor();

  step('X-211: submit, reject, submit again, confirm, upload, accept, complete');
  await submitRequirement(stage.buyer, first, '顾客提交需求');
  await openProject(lisi, '/provider/my-projects', first, '设计师确定需求');
  await reject(lisi, '驳回', '请补充栏目');
  await openProject(stage.buyer, '/customer/purchased-services', first, '顾客提交需求');
  await stage.buyer.getByText('请补充栏目').first().waitFor();
  await submitRequirement(stage.buyer, first, '顾客提交需求');
  await openProject(lisi, '/provider/my-projects', first, '设计师确定需求');
  await press(lisi, '确认');
  await openProject(lisi, '/provider/my-projects', first, '设计师设计网站');
  await upload(lisi);
  await press(lisi, '确认');
  await openProject(stage.buyer, '/customer/purchased-services', first, '项目验收');
  await press(stage.buyer, '验收通过');
  await openProject(stage.buyer, '/customer/purchased-services', first, '完成项目');
  await press(stage.buyer, '确认完成');
  await openProject(admin, '/provider/projects?tab=completed', first);
  assert.deepEqual(
    (await flowLog(admin)).map((row) => row.slice(0, 3)),
    LOG,
  );
  await openProject(lisi, '/provider/my-projects?view=handled', first);

  step('X-209: with 李四 3/50 and 王五 0/20 a new order goes to 王五');
  const held = [];
  for (let n = 0; n < 3; n++) {
    held.push(await stage.buy(product));
  }
  await seeLoad(admin, '李四', 3, 50);
  await employ(admin, { login: 'wangwu', name: '王五', role: '设计师' });
  await sooner(admin, '/provider/loads', () => admin.getByRole('button', { name: '设置 王五' }).isVisible());
  await setLoad(admin, '王五', 20);
  await seeLoad(admin, '王五', 0, 20);
  await stage.buy(product);
  await seeLoad(admin, '王五', 1, 20);
  await seeLoad(admin, '李四', 3, 50);

  step('X-212: a project is handed over; other roles, full and paused ones are not offered');
  for (const [login, name, role, maximum, receiving] of [
    ['zhaoliu', '赵六', '工程师', 10, true],
    ['sunqi', '孙七', '设计师', 0, true],
    ['zhouba', '周八', '设计师', 10, false],
  ]) {
    await employ(admin, { login, name, role });
    await sooner(admin, '/provider/loads', () => admin.getByRole('button', { name: `设置 ${name}` }).isVisible());
    await setLoad(admin, name, maximum, receiving);
  }
  await submitRequirement(stage.buyer, held[0], '顾客提交需求');
  await openProject(admin, '/provider/projects', held[0], '设计师确定需求');
  await admin.getByRole('button', { name: '更换操作人' }).click();
  const change = admin.getByRole('dialog', { name: '更换操作人' });
  await change.getByLabel('选择操作人').click();
  await admin.getByTitle(/^王五/).last().waitFor();
  const offered = await admin.locator('.ant-select-item-option').allInnerTexts();
  assert.deepEqual(
    offered.map((text) => text.split(' ')[0]),
    ['王五'],
  );
  await admin.getByTitle(/^王五/).last().click();
  await change.getByLabel('备注').fill('项目改派');
  await change.getByRole('button', { name: '确定' }).click();
  await admin.getByText('操作人已更换').first().waitFor();
  assert.deepEqual((await flowLog(admin))[0], ['设计师确定需求', '更换操作人', '北京云梦网络科技有限公司', '项目改派']);

  step('X-213: all 设计师 full, a further order waits until a maximum is raised');
  await setLoad(admin, '李四', 2);
  await setLoad(admin, '王五', 2);
  const last = await stage.buy(product);
  await seeQueue(admin, 'provider', [[last, '所有服务商员工持单量已满']]);
  await dispatchNow(admin, 'provider', last, `订单 ${last} 分单失败：所有服务商员工持单量已满`);
  await setLoad(admin, '李四', 3);
  await seeQueue(admin, 'provider', []);
  await seeLoad(admin, '李四', 3, 3);
}
