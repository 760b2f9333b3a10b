/** What people say to each other beside a project. */
import assert from 'node:assert/strict';
import { Api } from '../api.mjs';
import { signIn } from '../sign-in.mjs';

const DESIGNER = '服务商员工 (高级设计师、设计师)';
const CUSTOMER = '顾客';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Sooner than the page asks by itself. */
const TOLD_MS = 20_000;

/** A project of the designer that was bought by the customer. */
async function common({ accounts, base }) {
  const api = new Api(base);
  const customer = await api.as(...accounts[CUSTOMER]);
  const designer = await api.as(...accounts[DESIGNER]);
  const bought = new Set((await customer.get('/purchased-services?limit=100')).items.map((one) => one.project_id));
  const { items } = await designer.get('/my-projects?view=handled&limit=100');
  return items.find((one) => bought.has(one.project_id)).project_id;
}

/**
 * R-87 … R-98: comments and notes in one thread, live, with files; the customer sees no note; who is mentioned is told; what
 * was not read is counted until it is read.
 */
async function talkBesideTheProject(page, system) {
  const project = await common(system);
  const stamp = String(Date.now());
  const said = `参考网站 ${stamp}`;
  const internal = `客户要求很高 ${stamp}`;
  const reply = `收到，明天给初稿 ${stamp}`;
  const elsewhere = await page.context().browser().newContext({ baseURL: system.base, locale: 'zh-CN' });
  const customer = await elsewhere.newPage();
  await Promise.all([signIn(page, system.accounts[DESIGNER]), signIn(customer, system.accounts[CUSTOMER])]);
  await Promise.all([page.goto(`/projects/${project}`), customer.goto(`/projects/${project}`)]);
  const [ours, theirs] = [page, customer].map((one) => one.getByRole('list', { name: '项目对话' }));

  const field = customer.getByRole('textbox', { name: '留言内容' });
  await field.pressSequentially(`${said} https://example.com/a，请看 @李`);
  await customer.locator('.ant-mentions-dropdown').getByText('李四', { exact: true }).click();
  await field.press('Control+Enter');
  await theirs.getByText(said).waitFor();
  await ours.getByText(said).waitFor(); // without a word to the other browser
  assert.equal(await ours.getByRole('link', { name: 'https://example.com/a' }).last().getAttribute('target'), '_blank');
  const told = await page.locator('.said-name').last().innerText();
  assert.match(told, /^@李四/);

  await page.getByText('项目备注（内部）').click();
  await page.getByRole('textbox', { name: '备注内容' }).fill(internal);
  await page.getByRole('button', { name: '发送' }).click();
  await ours.getByText(internal).waitFor();
  await ours.locator('.said-note').getByText('内部').last().waitFor();

  // Files stand in the thread, too, and are told like what is said: that one was added, and that it was taken away.
  const file = `样稿 ${stamp}.png`;
  await page.getByRole('button', { name: '添加附件' }).click();
  await page.locator('.composer-files input[type=file]').setInputFiles({
    name: file,
    mimeType: 'image/png',
    buffer: Buffer.from(PNG, 'base64'),
  });
  await ours.getByText(file).waitFor();
  await theirs.getByText(file).waitFor({ timeout: TOLD_MS });
  const designer = await new Api(system.base).as(...system.accounts[DESIGNER]);
  const { items } = await designer.get(`/projects/${project}/files?limit=100`);
  await designer.delete(`/files/${items.find(({ name }) => name === file).file_id}`);
  await theirs.getByText(file).waitFor({ state: 'hidden', timeout: TOLD_MS });

  await customer.getByRole('button', { name: '收起对话' }).click();
  await page.getByText('项目留言', { exact: true }).last().click();
  await page.getByRole('textbox', { name: '留言内容' }).fill(reply);
  await page.getByRole('textbox', { name: '留言内容' }).press('Control+Enter');
  const button = customer.getByRole('button', { name: /^项目留言/ });
  await button.getByText('1 条新').waitFor();
  await button.click();
  await theirs.getByText(reply).waitFor();
  await button.getByText('1 条新').waitFor({ state: 'hidden' });
  assert.equal(await theirs.getByText(internal).count(), 0);
  await elsewhere.close();

  const mentioned = async () =>
    (await designer.get('/messages?limit=100')).items.find(
      (one) => one.trigger === 'mentioned' && one.body.includes(said),
    );
  let message = await mentioned();
  for (const deadline = Date.now() + 20_000; !message; message = await mentioned()) {
    assert.ok(Date.now() < deadline, 'who is mentioned is told');
  }
  assert.equal(message.title, '有人在项目中提到您');
  assert.ok(message.body.includes(said), message.body);
}

export const conversation = [talkBesideTheProject];
