/**
 * A buyer nobody registered, on a phone:
 *
 *     node e2e/stories/guest.mjs BASE LETTERS < accounts.json
 *
 * LETTERS is the folder in which a mail server puts what it takes. The accounts are those of the platform operator and of
 * the marketplace. The last line is JSON: what went wrong.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PATIENCE_MS } from '../api.mjs';
import { launch } from '../system.mjs';
import { press, Stage } from './kit.mjs';

const MAIL = 'mai.jia@example.com';
const LASTING = 'Delivery-e2e-2026';
const PHONE = { width: 390, height: 844 };
const NODES = [
  { id: 'start', type: 'assign_provider', name: '分配服务商' },
  { id: 'submit', type: 'submit_requirement', name: '提交需求', form: 'information_website' },
  {
    id: 'accept',
    type: 'confirm',
    name: '项目验收',
    side: 'customer',
    confirm_button: '验收通过',
    rejectable: true,
    reject_button: '驳回',
  },
  { id: 'end', type: 'complete_project', name: '完成项目', confirm_button: '确认完成' },
];

const [base, letters] = process.argv.slice(2);
const accounts = JSON.parse(await text(process.stdin));
const pictures = '../.run/screens';
mkdirSync(pictures, { recursive: true });
const browser = await launch();
const problems = [];
let at = '';
const step = (what) => {
  at = what;
  console.error(`guest: ${what}`);
};

/** The first letter not read yet that `isIt`. */
const read = new Set();
async function letter(isIt) {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    for (const file of readdirSync(letters).filter((name) => name.endsWith('.json') && !read.has(name))) {
      const found = JSON.parse(readFileSync(join(letters, file), 'utf8'));
      if (isIt(found)) {
        read.add(file);
        return found;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no such letter came');
}

const linkIn = ({ body }) => /http\S+\/l#\S+/.exec(body)?.[0] ?? assert.fail(body);
const codeIn = ({ body }) => /\d{6}/.exec(body)?.[0] ?? assert.fail(body);
const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

async function phone(locale = 'zh-CN') {
  const context = await browser.newContext({
    baseURL: base,
    viewport: PHONE,
    isMobile: true,
    hasTouch: true,
    locale,
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`${at}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|403|404|409|422)/.test(message.text())) {
      problems.push(`${at}: ${message.text()}`);
    }
  });
  return page;
}

let page;
try {
  step('a vendor sells to somebody whom nobody has registered');
  const stage = new Stage({ base, accounts, open: phone });
  await stage.signIn();
  const party = await stage.party('isv', '北京云梦网络科技有限公司', stage.number, 'admin', '云梦');
  const first = await stage.api.as(party.login_name, party.password);
  await first.put('/me/password', { current_password: party.password, new_password: LASTING });
  const vendor = await stage.api.as(party.login_name, LASTING);
  const template = await stage.publish(vendor, '网站设计', NODES);
  const product = await stage.product(vendor, template, [{ provider_id: party.party_id }]);
  const order = {
    order_number: stage.number,
    business_number: `${stage.number}001`,
    product_id: product,
    customer: { number: `N${stage.number}`, name: '麦家' },
    contact: { name: '麦家', email: MAIL, locale: 'zh-CN' },
  };
  const { project_id: project } = await stage.marketplace.post('/orders', order, { patient: true });

  step('he gets a mail with a link');
  const told = await letter(({ to }) => to === MAIL);
  const link = linkIn(told);
  assert.ok(!link.includes(MAIL) && !link.includes(project), link);

  step('looking at the link opens nothing; on a phone it says what it is for');
  page = await phone();
  await page.goto(link);
  await page.getByRole('heading', { name: 'name_66' }).waitFor();
  await page.getByText('由 北京云梦网络科技有限公司 交付').waitFor();
  assert.equal((await page.context().cookies()).length, 0);
  assert.equal(await isWide(page), false);
  await page.screenshot({ path: join(pictures, 'guest-landing.png') });
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('Delivered by 北京云梦网络科技有限公司').waitFor();
  await page.getByRole('button', { name: 'Open', exact: true }).waitFor();
  await page.getByRole('button', { name: '中文' }).click();

  step('he opens it: his project, and nothing else');
  await page.getByRole('button', { name: '打开', exact: true }).click();
  await page.waitForURL(`**/customer/purchased-services/${project}`);
  await page.getByRole('heading', { name: /name_66/ }).waitFor();
  assert.ok(!page.url().includes('#'));
  assert.equal(await isWide(page), false);
  await page.goto('/vendor/projects');
  await page.waitForURL(`**/customer/purchased-services/${project}`);

  step('he fills the form; the first time he decides, a code is sent to him');
  await page.locator('.current').getByRole('button', { name: '提交需求', exact: true }).click();
  const form = page.getByRole('dialog').first();
  const choose = async (field, title) => {
    await form.locator(`#requirement_${field}`).click();
    await page.getByTitle(title, { exact: true }).last().click();
  };
  await form.locator('#requirement_company_name').fill('麦家的公司');
  await form.locator('#requirement_contact').fill('麦家');
  await form.locator('#requirement_mobile').fill('13912345678');
  await choose('site_kind', '企业官网');
  await form.locator('#requirement_columns_0').fill('首页');
  await choose('style', '简约');
  await form.locator('#requirement_launch_date').fill('2027-03-01');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: '确定' }).click();
  const dialog = page.getByRole('dialog', { name: '验证码' });
  await dialog.getByText('验证码已发送到订单预留的联系方式。').waitFor();
  const code = codeIn(await letter(({ subject }) => subject === '验证码'));
  const field = dialog.getByRole('textbox', { name: '验证码' });
  await field.fill(code === '000000' ? '000001' : '000000');
  await dialog.getByRole('button', { name: '验证', exact: true }).click();
  await dialog.getByRole('alert').getByText('验证码错误').waitFor();
  await page.screenshot({ path: join(pictures, 'guest-code.png') });
  await field.fill(code);
  await dialog.getByRole('button', { name: '验证', exact: true }).click();
  await form.waitFor({ state: 'hidden' });
  await press(page, '通过');

  step('he accepts; the device is known by now, also after the page was opened anew');
  await page.reload();
  await page.locator('.current-name', { hasText: '项目验收' }).waitFor();
  await press(page, '验收通过');
  await page.locator('.current-name', { hasText: '完成项目' }).waitFor();

  step('he leaves, and the link still opens; one that does not offers a new one');
  await page.getByRole('button', { name: '离开' }).click();
  await page.waitForURL('**/login');
  await page.goto(link);
  await page.getByRole('button', { name: '打开', exact: true }).waitFor();
  await vendor.put('/links/life', { hours: 1 });
  const stranger = await phone();
  await stranger.goto(`${link.slice(0, -4)}AAAA`);
  await stranger.getByRole('heading', { name: '链接已失效' }).waitFor();
  assert.equal(await stranger.getByText('name_66').count(), 0);
  await stranger.getByRole('button', { name: '发送新链接' }).click();
  await stranger.getByText('如果订单预留了联系方式，新链接已发送，请查收。').waitFor();
  await stranger.screenshot({ path: join(pictures, 'guest-closed.png') });
  const renewed = await fetch(`${base}/api/v1/links/renewals`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: link.split('#')[1] }),
  });
  assert.equal(renewed.status, 202);
  await page.goto(linkIn(await letter(({ subject }) => subject === '打开项目的新链接')));
  await page.reload();
  await page.getByRole('heading', { name: 'name_66' }).waitFor();
} catch (error) {
  problems.push(`${at}: ${error.stack}`);
  await page?.screenshot({ path: join(pictures, 'guest-failed.png') });
}
await browser.close();
for (const problem of problems) {
  console.error(`✗ guest: ${problem}`);
}
console.log(JSON.stringify(problems));
process.exitCode = problems.length === 0 ? 0 : 1;
