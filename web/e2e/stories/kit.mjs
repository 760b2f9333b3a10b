/**
 * What the stories share. People act and look on the screens, each in a browser of his own; what has no screen yet or
 * none at all – parties, purchases in the marketplace, the vendor's template and product – is done over the API.
 */
import assert from 'node:assert/strict';
import { Api, PATIENCE_MS } from '../api.mjs';
import { signIn } from '../sign-in.mjs';

const LASTING = 'Delivery-e2e-2026';

let stages = 0;

/** The companies, people and orders of one play; everybody's names are new, so that it can be played again. */
export class Stage {
  constructor({ base, accounts, open }) {
    this.base = base;
    this.accounts = accounts;
    this.open = open;
    this.api = new Api(base);
    this.number = `${Date.now()}${String(++stages).padStart(2, '0')}`;
    this.orders = 0;
  }

  /** Operator and marketplace; one stage after the other, since an account takes few sign-ins at once. */
  async signIn() {
    this.operator = await this.api.as(...this.accounts['云市场小二']);
    this.marketplace = await this.api.as(...this.accounts['云市场订单']);
  }

  async begin() {
    const customer = await this.party('customer', '客户甲乙丙', `K${this.number}`, 'kehu', '甲乙丙');
    this.customer = { name: '客户甲乙丙', number: `K${this.number}` };
    this.buyer = await this.person(customer);
    return this;
  }

  async party(kind, name, number, login, person) {
    const form = { kind, name, number, user: { login_name: login, name: person } };
    const made = await this.operator.post('/parties', form);
    return { party_id: made.party_id, ...made.user, password: made.initial_password };
  }

  /** An ISV: its main account on the screens, and for what has no screen over the API. */
  async isv(name, suffix = '') {
    const party = await this.party('isv', name, `${this.number}${suffix}`, 'admin', name);
    const page = await this.person(party);
    return { name, party, page, api: await this.api.as(party.login_name, LASTING) };
  }

  /** Somebody who signs in for the first time: he must choose a password before anything else (U-28). */
  async person({ login_name, password }) {
    const page = await this.open(login_name);
    await signIn(page, [login_name, password]);
    await page.getByRole('heading', { name: '修改登录密码' }).waitFor();
    await page.getByLabel('当前密码').fill(password);
    await page.getByLabel('新密码', { exact: true }).fill(LASTING);
    await page.getByLabel('确认新密码').fill(LASTING);
    await page.getByRole('button', { name: '修改密码' }).click();
    await page.getByRole('button', { name: /^账号菜单/ }).waitFor();
    return page;
  }

  async publish(api, name, nodes) {
    const made = await api.post('/templates', { name });
    await api.put(`/templates/${made.id}/content`, { name, nodes }, { headers: { 'If-Match': `"${made.version}"` } });
    const published = await api.post(`/templates/${made.id}/publication`);
    assert.equal(published.state, 'published');
    return made.id;
  }

  async product(api, templateId, providers, code = '66001', name = 'name_66') {
    const { id } = await api.post('/products', { code, name, template_id: templateId }, { patient: true });
    await this.configure(api, id, providers);
    return id;
  }

  configure(api, productId, providers) {
    return api.put(`/provider-configurations/${productId}`, { providers }, { patient: true });
  }

  /** A purchase in the marketplace; returns its order number. */
  async buy(productId) {
    const order = `${this.number}${String(++this.orders).padStart(3, '0')}`;
    const body = {
      order_number: order,
      business_number: `${order}001`,
      product_id: productId,
      customer: this.customer,
      edition: '尊享版 (自营)',
    };
    await this.marketplace.post('/orders', body, { patient: true });
    return order;
  }
}

/** 用户管理 › 新建 on the screen; returns login name and the password shown once (U-23 … U-27). */
export async function employ(page, { login, name, role, department }) {
  await page.goto('/provider/users');
  if (department) {
    await page.getByRole('tree').getByText(department, { exact: true }).click();
  }
  await page.locator('.page-head').getByRole('button', { name: '新建' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('登录名称').fill(login);
  await form.getByLabel('姓名').fill(name);
  await form.getByLabel('角色').click();
  await page.getByTitle(role, { exact: true }).last().click();
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: '确定' }).click();
  return passwordShown(page, '用户创建成功！以下是账号信息，请牢记！');
}

export async function passwordShown(page, sentence) {
  const shown = page.getByRole('dialog', { name: '提示' });
  await shown.getByText(sentence).waitFor();
  await shown.getByRole('button', { name: '一键复制' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const [, login_name, password] = /^账号：(\S+)\n密码：([A-Za-z0-9]{8})\n登录地址：http\S+$/.exec(copied) ?? [];
  assert.ok(password, copied);
  await shown.getByRole('button', { name: '知道了' }).click();
  await shown.waitFor({ state: 'hidden' });
  return { login_name, password };
}

/** 持单量设置 › 设置 (D-59). */
export async function setLoad(page, name, maximum, receiving) {
  await page.goto('/provider/loads');
  await page.getByRole('button', { name: `设置 ${name}`, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('最大持单量').fill(String(maximum));
  if (receiving !== undefined) {
    await dialog.getByText(receiving ? '正常' : '暂停', { exact: true }).click();
  }
  await dialog.getByRole('button', { name: '确定' }).click();
  await page.getByText('设置成功').first().waitFor();
  await seeLoad(page, name, undefined, maximum);
}

/** The row of a person shows these loads; looked for anew until it does. */
export async function seeLoad(page, name, load, maximum) {
  await sooner(page, '/provider/loads', async () => {
    const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: `设置 ${name}`, exact: true }) });
    const cells = (await row.getByRole('cell').allInnerTexts()).map((cell) => cell.split('\n')[0].trim());
    const [seenLoad, seenMaximum] = cells.slice(-3);
    return seenMaximum === String(maximum) && (load === undefined || seenLoad === String(load));
  });
}

/** The page is there and waits for nothing; live changes keep a connection open, so that idleness tells nothing. */
export async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('.ant-spin-spinning, [aria-busy=true]') === null);
}

/** Open the page anew until `look` finds what it wants. */
export async function sooner(page, path, look) {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    await page.goto(path);
    await settled(page);
    if (await look().catch(() => false)) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`not seen at ${path}: ${look}\n${await page.locator('main, #content').first().innerText()}`);
    }
  }
}

/** 项目详情 of an order, from the list at `path`, standing at `stage`. 已购服务 tells no stage and calls it 管理. */
export async function openProject(page, path, order, stage) {
  const row = () => page.getByRole('row').filter({ hasText: order }).first();
  const tellsStage = !path.includes('purchased-services');
  await sooner(page, path, async () => {
    const text = await row().innerText({ timeout: 1_000 });
    return stage === undefined || !tellsStage || text.includes(stage);
  });
  await row()
    .getByRole('link', { name: /^(详情|管理)/ })
    .click();
  await page.getByRole('heading', { level: 1, name: new RegExp(order) }).waitFor();
  if (stage !== undefined) {
    await page.locator('.current').getByText(stage, { exact: true }).first().waitFor();
  }
}

/** The customer fills the demand form on the screen and passes the node (R-114 … R-116). */
export async function submitRequirement(page, order, stage) {
  await openProject(page, '/customer/purchased-services', order, stage);
  await page.getByRole('button', { name: '提交需求', exact: true }).click();
  const dialog = page.getByRole('dialog');
  const choose = async (field, title) => {
    await dialog.locator(`#requirement_${field}`).click();
    await page.getByTitle(title, { exact: true }).last().click();
  };
  if ((await dialog.locator('#requirement_company_name').inputValue()) === '') {
    await dialog.locator('#requirement_company_name').fill('客户甲乙丙');
    await dialog.locator('#requirement_contact').fill('甲乙丙');
    await dialog.locator('#requirement_mobile').fill('18888888888');
    await choose('site_kind', '企业官网');
    await dialog.locator('#requirement_columns_0').fill('首页');
    await choose('style', '简约');
    await dialog.locator('#requirement_launch_date').fill('2027-03-01');
    await page.keyboard.press('Enter');
  }
  await dialog.getByRole('button', { name: '确定' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await press(page, '通过');
}

/** A button of the open node, and the question after it. */
export async function press(page, text) {
  await page.locator('.current').getByRole('button', { name: text, exact: true }).click();
  // The message about the operation before may still stand there.
  const done = page.waitForResponse((response) => response.request().method() !== 'GET' && response.ok());
  await page.getByRole('dialog').getByRole('button', { name: text, exact: true }).click();
  await done;
  await page.getByText(`已${text}「`).first().waitFor();
}

export async function reject(page, text, reason) {
  await page.locator('.current').getByRole('button', { name: text, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('驳回原因').fill(reason);
  await dialog.getByRole('button', { name: text, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

export async function upload(page, name = '首页.png') {
  const picture = Buffer.from('89504e470d0a1a0a', 'hex');
  await page.locator('.current input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer: picture });
  await page.locator('.upload', { hasText: name }).getByText('上传成功').waitFor();
}

/** 流程日志, newest first: node, event, actor and remark of every row. */
export async function flowLog(page) {
  await page.getByRole('button', { name: '流程日志' }).click();
  const dialog = page.getByRole('dialog');
  // While rows are fetched the table holds one that says so, in a single cell.
  const withCells = page.locator('td:nth-child(4)');
  await dialog.getByRole('row').filter({ has: withCells }).first().waitFor();
  await settled(page);
  const rows = await dialog.getByRole('row').all();
  const cells = await Promise.all(rows.map((row) => row.getByRole('cell').allInnerTexts()));
  await page.keyboard.press('Escape');
  return cells.filter((row) => row.length >= 4).map((row) => row.slice(0, 4).map((cell) => cell.trim()));
}

/** 排队情况: order and reason of every row, in the order in which they are tried. */
export async function seeQueue(page, entrance, expected) {
  await sooner(page, `/${entrance}/queue`, async () => {
    const rows = await page
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: /^分单/ }) })
      .all();
    const seen = await Promise.all(
      rows.map(async (row) => {
        const cells = await row.getByRole('cell').allInnerTexts();
        return [cells[1].trim(), cells[5].split('\n')[0].trim()];
      }),
    );
    assert.deepEqual(seen, expected);
    return true;
  });
}

/** 分单 in 排队情况; `said` must be told. */
export async function dispatchNow(page, entrance, order, said) {
  await page.goto(`/${entrance}/queue`);
  await page.getByRole('button', { name: `分单 ${order}`, exact: true }).click();
  await page.getByText(said).first().waitFor();
}
