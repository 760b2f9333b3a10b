/** Accounts and what the platform keeps: the second factor, own sessions, uploads, holidays out of a file, forms by field. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Api } from '../api.mjs';
import { check } from '../showing.mjs';
import { signIn } from '../sign-in.mjs';

const ADMIN = '厂商管理员、服务商管理员';
const MANAGER = '厂商项目经理';
const DESIGNER = '服务商员工 (高级设计师、设计师)';
const OPERATOR = '云市场小二';

const PHONE = 390;

const dialog = (page) => page.getByRole('dialog').last();

/** The code that an authenticator app shows (RFC 6238), `later` steps of 30 s from now: each works once. */
function codeOf(secret, later = 0) {
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac('sha1', key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Turns the second factor on in the profile, where the page is; its secret. */
async function turnOn(page, password) {
  await page.getByRole('button', { name: '开启两步验证' }).click();
  await dialog(page).getByLabel('当前密码').fill(password);
  await dialog(page).getByRole('button', { name: '下一步' }).click();
  await dialog(page).getByRole('img', { name: '两步验证密钥的二维码' }).waitFor();
  const secret = await dialog(page).locator('.factor-letters').innerText();
  await dialog(page).getByLabel('动态验证码').fill(codeOf(secret));
  await dialog(page).getByRole('button', { name: '开启两步验证' }).click();
  await page.getByRole('button', { name: '关闭两步验证' }).waitFor();
  return secret;
}

/** A page of another browser, where name and password were given. */
async function elsewhereWith(page, base, [name, password]) {
  const elsewhere = await (await page.context().browser().newContext({ baseURL: base, locale: 'zh-CN' })).newPage();
  await elsewhere.goto('/login');
  await elsewhere.locator('input[autocomplete=username]').fill(name);
  await elsewhere.locator('input[autocomplete=current-password]').fill(password);
  await elsewhere.locator('button[type=submit]').click();
  return elsewhere;
}

/** Turned on in the profile, asked for at the next sign-in, and a session elsewhere ended. */
async function secondFactor(page, { accounts, base }) {
  const [name, password] = accounts[MANAGER];
  await signIn(page, [name, password]);
  await page.goto('/vendor/profile');
  await page.getByRole('button', { name: '开启两步验证' }).click();
  await dialog(page).getByLabel('当前密码').fill('not-the-password');
  await dialog(page).getByRole('button', { name: '下一步' }).click();
  await dialog(page).getByText('登录名称或密码错误').waitFor();
  await dialog(page).getByRole('button', { name: '取消' }).click();
  await page.getByRole('button', { name: '放弃' }).click();
  const secret = await turnOn(page, password);

  const elsewhere = await elsewhereWith(page, base, [name, password]);
  await elsewhere.getByLabel('动态验证码').fill('12');
  await elsewhere.locator('button[type=submit]').click();
  await elsewhere.getByText('请输入验证器中的 6 位数字').waitFor();
  await elsewhere.getByLabel('动态验证码').fill(codeOf(secret, 1));
  await elsewhere.locator('button[type=submit]').click();
  await elsewhere.waitForURL((url) => url.pathname !== '/login');

  await page.reload();
  await page.getByRole('button', { name: '退出其他所有登录' }).click();
  await dialog(page).getByRole('button', { name: '退出' }).click();
  await page.getByText('已退出', { exact: true }).waitFor();
  await page.getByRole('button', { name: '退出其他所有登录' }).waitFor({ state: 'hidden' });
  await elsewhere.reload();
  await elsewhere.waitForURL('**/login');
  await elsewhere.context().close();
}

/**
 * An admin demands a second factor of all users of his company, once he has one himself: whoever has none sets it up
 * before anything else. Nobody gives it up meanwhile; at last the demand is taken back.
 */
async function demandFactor(page, { accounts, base }) {
  const [name, password] = accounts[ADMIN];
  await signIn(page, [name, password]);
  await page.goto('/vendor/users');
  const demand = page.getByRole('switch', { name: '要求所有用户两步验证' });
  await demand.waitFor();
  assert.equal(await demand.isDisabled(), true, 'not before he has one himself');
  await page.goto('/vendor/profile');
  const secret = await turnOn(page, password);
  await page.goto('/vendor/users');
  await demand.click();
  await page
    .getByRole('dialog', { name: /要求本公司所有用户开启两步验证/ })
    .getByRole('button', { name: '要求两步验证' })
    .click();
  await page.getByText('已要求所有用户开启两步验证').waitFor();
  assert.equal(await demand.getAttribute('aria-checked'), 'true');

  const elsewhere = await elsewhereWith(page, base, accounts[DESIGNER]);
  await elsewhere.getByText('本公司要求开启两步验证。请先用验证器应用完成设置。').waitFor();
  await elsewhere.getByRole('img', { name: '两步验证密钥的二维码' }).waitFor();
  assert.equal(new URL(elsewhere.url()).pathname, '/login');
  await page.goto('/vendor/profile');
  await page.getByText('本公司要求所有用户开启两步验证，不能关闭。').waitFor();
  assert.equal(await page.getByRole('button', { name: '关闭两步验证' }).isDisabled(), true);

  await page.goto('/vendor/users');
  await demand.click();
  await page
    .getByRole('dialog', { name: /不再要求本公司用户开启两步验证/ })
    .getByRole('button', { name: '取消要求' })
    .click();
  await page.getByText('已取消要求').waitFor();
  await signIn(elsewhere, accounts[DESIGNER]);
  await elsewhere.context().close();
  await page.goto('/vendor/profile');
  await page.getByRole('button', { name: '关闭两步验证' }).click();
  await dialog(page).getByLabel('动态验证码').fill(codeOf(secret, 1));
  await dialog(page).getByRole('button', { name: '关闭两步验证' }).click();
  await page.getByRole('button', { name: '开启两步验证' }).waitFor();
}

/** U-21: a buyer who is a person is forgotten; not as long as somebody signs in for him, who is named then. */
async function forgetBuyer(page, { accounts, base }) {
  const api = await new Api(base).as(...accounts[OPERATOR]);
  const number = `W${Date.now()}`;
  const user = { login_name: 'zhao', name: '赵先生', mobile: null, landline: null, email: null };
  const made = await api.post('/parties', { kind: 'customer', name: '赵忘名', number, user });
  await signIn(page, accounts[OPERATOR]);
  await page.goto(`/operator/parties?tab=customer&name=${number}`);
  const forget = async () => {
    await page.getByRole('button', { name: '清除名称 赵忘名' }).click();
    await page
      .getByRole('dialog', { name: /确定清除客户「赵忘名」的名称吗/ })
      .getByRole('button', { name: '清除名称' })
      .click();
  };
  await forget();
  const refused = page.getByRole('dialog', { name: '暂时不能执行' });
  await refused.getByText('该客户仍有用户，请先删除').waitFor();
  await refused.getByRole('listitem').filter({ hasText: '赵先生' }).waitFor();
  await refused.getByRole('button', { name: '知道了' }).click();
  await refused.waitFor({ state: 'hidden' });
  await api.call('DELETE', `/parties/${made.party_id}/users/${made.user.user_id}`);
  await forget();
  await page.getByText('名称已清除，各处的副本将在片刻内清除').waitFor();
  await page.getByRole('cell', { name: '名称已清除' }).waitFor();
  assert.equal(await page.getByRole('cell', { name: '赵忘名' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: /^清除名称 / }).count(), 0);
}

/**
 * A customer's contact is another from now on: the vendor says so in the project; the log tells it without his name. The
 * dialog is looked at in English and on a phone besides.
 */
async function changeContact(page, { accounts }) {
  await signIn(page, accounts[ADMIN]);
  await page.goto('/vendor/projects');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.getByRole('button', { name: '更换联系人' }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Change contact' }).click();
  await dialog(page).getByText('Links of the present contact stop working at once').waitFor();
  const { width, height } = page.viewportSize();
  for (const each of [width, PHONE]) {
    await page.setViewportSize({ width: each, height });
    await check(page, `changeContact: in English at ${each} px`);
  }
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await dialog(page).waitFor({ state: 'hidden' });
  await page.setViewportSize({ width, height });
  await page.getByRole('button', { name: '中文' }).click();
  const name = `余华 ${Date.now()}`;
  await page.getByRole('button', { name: '更换联系人' }).click();
  await dialog(page).getByText('原联系人的链接立即失效').waitFor();
  await check(page, 'changeContact');
  await dialog(page).getByLabel('姓名').fill(name);
  await dialog(page).getByLabel('手机号').fill('12');
  await dialog(page).getByLabel('邮箱').fill('yu.hua@example.com');
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await dialog(page).locator('.ant-form-item-explain-error').first().waitFor();
  await dialog(page).getByLabel('手机号').fill('139 1234 5678');
  await dialog(page).getByLabel('语言').click();
  await page.locator('.ant-select-item-option[title=English]:visible').click();
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByText('联系人已更换').waitFor();
  const person = page.locator('.person').filter({ hasText: name });
  await person.getByText('yu.hua@example.com').waitFor();
  await page.getByRole('button', { name: '流程日志' }).click();
  await page.getByText('更换联系人', { exact: true }).last().waitFor();
  const log = page.getByRole('row').filter({ hasText: '更换联系人' });
  assert.ok(!(await log.first().innerText()).includes('余华'), 'the log names nobody');
}

/** C-10: what is taken is said, what is not is not sent, and a wrong file can be taken away before 确认. */
async function uploads(page, { accounts }) {
  await signIn(page, accounts[DESIGNER]);
  await page.goto('/provider/my-projects?view=handled');
  await page.getByRole('link', { name: /^详情/ }).first().click();
  await page.getByRole('button', { name: '文件管理' }).click();
  const sent = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await dialog(page).getByText('单个文件不超过 50 MB：').waitFor();
  const picker = dialog(page).locator('input[type=file]');
  assert.match(await picker.getAttribute('accept'), /(^|,)\.png(,|$)/);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await picker.setInputFiles([
    { name: '安装.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('x') },
    { name: '首页.png', mimeType: 'image/png', buffer: png },
  ]);
  await dialog(page)
    .getByText(/不支持的文件类型 \.exe/)
    .waitFor();
  await dialog(page).getByText('上传成功').waitFor();
  assert.equal(sent.filter((url) => url.endsWith('/files')).length, 1);
  await dialog(page).getByRole('button', { name: '删除文件 首页.png' }).click();
  await page
    .getByRole('dialog', { name: /确定删除文件/ })
    .getByRole('button', { name: '删除' })
    .click();
  await page.getByText('已删除文件 首页.png').waitFor();
  await page.getByRole('cell', { name: '首页.png' }).first().waitFor({ state: 'hidden' });
}

/** H-08: a file of holidays shows what it would change before it is saved. */
async function importHolidays(page, { accounts }) {
  await signIn(page, accounts[OPERATOR]);
  await page.goto('/operator/holidays');
  await page.getByRole('button', { name: '导入节假日' }).click();
  const days = ['2030-01-01', '2030-01-02'].map((date) => ({ name: '元旦', date, isOffDay: true }));
  await dialog(page)
    .locator('input[type=file]')
    .setInputFiles({
      name: '2030.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ year: 2030, papers: [], days })),
    });
  await dialog(page).getByText('2030 年节假日').waitFor();
  await dialog(page).getByText('2030-01-01 元旦').waitFor();
  await dialog(page).getByRole('button', { name: '保存所选 1 年' }).click();
  await page.waitForURL('**/holidays?year=2030');
  await page.getByRole('cell', { name: '2030-01-01 ~ 2030-01-02' }).waitFor();
}

/** C-34: a demand form is made of fields, without a line of JSON. */
async function buildForm(page, { accounts }) {
  await signIn(page, accounts[OPERATOR]);
  await page.goto('/operator/demand-forms');
  await page.getByRole('button', { name: '新建' }).click();
  await dialog(page).getByLabel('模板名称').fill(`按字段搭建 ${Date.now()}`);
  await dialog(page).getByLabel('编码').fill(`built_${Date.now()}`);
  await dialog(page).getByRole('button', { name: '添加字段' }).click();
  await dialog(page).getByLabel('第 2 个字段的名称').fill('配色');
  await dialog(page).getByLabel('配色的类型').click();
  await page.locator('.ant-select-item-option[title=单选]:visible').click();
  const options = dialog(page).getByLabel('配色的选项');
  for (const option of ['蓝色', '红色']) {
    await options.fill(option);
    await options.press('Enter');
  }
  await dialog(page).getByRole('button', { name: '上移 配色' }).click();
  await dialog(page).locator('.form-preview label').filter({ hasText: '配色' }).waitFor();
  const labels = await dialog(page).locator('.form-preview label').allInnerTexts();
  assert.deepEqual(labels, ['配色', '公司名称']);
  await dialog(page).getByRole('button', { name: '确定' }).click();
  await page.getByText('保存成功').or(page.getByText('已保存')).first().waitFor();
}

/** C-14: the platform helps the main account of a vendor, found by its name. */
async function helpMainAccount(page, { accounts }) {
  await signIn(page, accounts[OPERATOR]);
  await page.goto('/operator/parties');
  await page.getByRole('textbox', { name: '名称或编号' }).fill('北京');
  await page.getByRole('button', { name: '查询' }).click();
  await page.getByRole('button', { name: /^主账号 北京服务商/ }).click();
  assert.equal(await page.getByRole('button', { name: '新建用户' }).count(), 0);
  await dialog(page)
    .getByRole('button', { name: /^密码重置/ })
    .click();
  await page
    .getByRole('dialog', { name: /确定重置/ })
    .getByRole('button', { name: '密码重置' })
    .click();
  const shown = page.getByRole('dialog', { name: '提示' });
  assert.match(await shown.locator('code').innerText(), /^[A-Za-z0-9]{8}$/);
  await shown.getByRole('button', { name: '一键复制' }).click();
  await shown.getByRole('button', { name: '知道了' }).click();
}

export const care = [
  uploads,
  importHolidays,
  buildForm,
  helpMainAccount,
  forgetBuyer,
  changeContact,
  demandFactor,
  secondFactor,
];
