/**
 * The screens that are shown, photographed and checked. `role`: the demo account's title; `-` = signed out.
 * `prepare` brings the page into the state wanted, for example opens a dialog.
 */
import { work } from './visits/work.mjs';

const ADMIN = '厂商管理员、服务商管理员';

const OPERATOR = '云市场小二';

const firstDetails = async (page) => {
  await page
    .getByRole('link', { name: /详情|Details/ })
    .first()
    .click();
  await page.locator('.flow').first().waitFor();
};

/** The designer with a copy of the public template for mini programs, called so or by the time. */
export const designer = async (page, name = `小程序设计 ${Date.now()}`) => {
  await page.getByRole('button', { name: /^(复制|Copy) 小程序设计模板子账号自动分单/ }).click();
  const form = page.getByRole('dialog');
  await form.locator('input').fill(name);
  await form.getByRole('button', { name: /^(确定|OK)$/ }).click();
  await page.locator('.react-flow__node').nth(2).click();
};
/** That copy with a node more, which lacks what publishing needs. */
export const designedWrongly = async (page, name) => {
  await designer(page, name);
  await page.getByText(/^(列表|List)$/).click();
  await page.getByRole('button', { name: /^(添加节点|Add a node)$/ }).click();
  await page.getByRole('menuitem', { name: /^(通用节点|General)/ }).click();
  await page.getByRole('button', { name: /^(发布|Publish)$/ }).click();
  await page.locator('.problem-list').waitFor();
  await page.getByText(/^(画布|Canvas)$/).click();
  await page.locator('.react-flow__node').first().waitFor();
};
const OWN_COPY = '/vendor/templates?name=%E5%B0%8F%E7%A8%8B%E5%BA%8F%E8%AE%BE%E8%AE%A1%E6%A8%A1%E6%9D%BF&scope=public';

/** A dialog behind the first button of that name. */
const opened = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

/** The details of a bought service, by its order number. */
const manage = (order) => async (page) => {
  await page.getByRole('link', { name: new RegExp(`^(管理|Manage) ${order}$`) }).click();
  await page.locator('.flow').first().waitFor();
};

export const visits = [
  { name: 'login', role: '-', path: '/login' },
  { name: 'vendor-projects', role: ADMIN, path: '/vendor/projects' },
  {
    name: 'vendor-projects-filters',
    role: ADMIN,
    path: '/vendor/projects?stage=%E5%88%86%E5%8D%95&tab=running',
  },
  { name: 'vendor-projects-empty', role: ADMIN, path: '/vendor/projects?order_number=404&tab=paused' },
  {
    name: 'vendor-project-details',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: firstDetails,
  },
  {
    name: 'vendor-project-log',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await page.getByRole('button', { name: /流程日志|Flow log/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'change-provider',
    role: ADMIN,
    path: '/vendor/projects',
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /^(更换服务商|Change the provider)/ })
        .first()
        .click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'access-key-form',
    role: ADMIN,
    path: '/vendor/access-keys',
    prepare: opened(/^(plus )?(新建访问密钥|New access key)$/),
  },
  {
    name: 'product-parameter',
    role: ADMIN,
    path: '/vendor/products',
    prepare: async (page) => {
      await page
        .getByRole('link', { name: /^(编辑|Edit) / })
        .first()
        .click();
      await opened(/^(添加参数|Add a parameter)$/)(page);
    },
  },
  { name: 'connections', role: ADMIN, path: '/vendor/connections' },
  {
    name: 'connections-one',
    role: ADMIN,
    path: '/vendor/connections',
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|Open) 自有商城/ }).click();
      await page.getByRole('cell', { name: 'cmgj000001', exact: true }).waitFor();
    },
  },
  {
    name: 'connections-mirror',
    role: ADMIN,
    path: '/vendor/connections',
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|Open) 云市场/ }).click();
      await opened(/^(设置镜像|Set the mirror)$/)(page);
    },
  },
  {
    name: 'connections-reports',
    role: ADMIN,
    path: '/vendor/connections',
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|Open) 云市场/ }).click();
      await page.waitForURL(/connections\/[0-9a-f-]{36}$/);
      await page.goto(`${page.url()}/reports`);
      await page.getByText(/^(还没有上报|There are no reports yet)$/).waitFor();
    },
  },
  { name: 'provider-projects', role: ADMIN, path: '/provider/projects' },
  {
    name: 'provider-project-paused',
    role: ADMIN,
    path: '/provider/projects?tab=paused',
    prepare: firstDetails,
  },
  {
    name: 'project-timeline',
    role: ADMIN,
    path: '/vendor/projects?order_number=80001483125523',
    prepare: async (page) => {
      await firstDetails(page);
      await page.getByText(/^(时间线|Timeline)$/).click();
      await page.locator('.timeline').waitFor();
    },
  },
  {
    name: 'project-as-it-was',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await page.getByText(/^(时间线|Timeline)$/).click();
      await page.locator('.timeline-bar').nth(3).click();
      await page.getByText(/^(返回当前|Back to now)$/).waitFor();
      await page.getByText(/^(步骤|Steps)$/).click();
    },
  },
  {
    name: 'project-files',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await opened(/^(文件管理|Files)$/)(page);
    },
  },
  {
    name: 'project-decisions',
    role: ADMIN,
    path: '/provider/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await opened(/^(分单说明|Why assigned)$/)(page);
      await page.locator('.decision').first().waitFor();
    },
  },
  {
    name: 'project-notes',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await page
        .getByRole('button', { name: /^(项目备注|Notes)/ })
        .first()
        .click();
      await page.getByRole('list', { name: /^(项目对话|Conversation)/ }).waitFor();
    },
  },
  {
    name: 'projects-beside',
    role: ADMIN,
    path: '/vendor/projects',
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /(在右侧查看|beside the list)/ })
        .nth(2)
        .click();
      await page.locator('.pane .flow').first().waitFor();
    },
  },
  {
    name: 'projects-bulk',
    role: ADMIN,
    path: '/vendor/projects',
    prepare: async (page) => {
      for (const row of [0, 1, 2]) {
        await page
          .getByRole('checkbox', { name: /^(选择|Select) \d/ })
          .nth(row)
          .check();
      }
      await opened(/^(批量催办|Remind)$/)(page);
    },
  },
  { name: 'vendor-purchased', role: ADMIN, path: '/vendor/purchased-services' },
  {
    name: 'test-order',
    role: ADMIN,
    path: '/vendor/purchased-services',
    prepare: opened(/(下测试订单|Test order)$/),
  },
  { name: 'provider-users', role: ADMIN, path: '/provider/users' },
  {
    name: 'provider-user-new',
    role: ADMIN,
    path: '/provider/users',
    height: 1000,
    prepare: async (page) => {
      await page.getByRole('button', { name: /(新建|New)$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'vendor-users', role: ADMIN, path: '/vendor/users' },
  { name: 'products', role: ADMIN, path: '/vendor/products' },
  {
    name: 'product-providers',
    role: ADMIN,
    path: '/vendor/products',
    prepare: async (page) => {
      await page
        .getByRole('link', { name: /^(编辑|Edit)/ })
        .first()
        .click();
      await page.getByRole('button', { name: /(选择服务商|Choose providers)$/ }).click();
      await page.getByRole('dialog').locator('.ant-alert').waitFor();
    },
  },
  { name: 'vendor-work', role: ADMIN, path: '/vendor/work' },
  { name: 'product-listing', role: ADMIN, path: '/vendor/products/new' },
  {
    name: 'product-view',
    role: '厂商项目经理',
    path: '/vendor/products',
    prepare: async (page) => {
      await page
        .getByRole('link', { name: /^(查看|View)/ })
        .first()
        .click();
      await page.locator('.detail-page table').first().waitFor();
    },
  },
  { name: 'templates', role: ADMIN, path: '/vendor/templates' },
  {
    name: 'template-new',
    role: ADMIN,
    path: '/vendor/templates',
    prepare: async (page) => {
      await page.getByRole('button', { name: /(新建|New)$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'template-view',
    role: ADMIN,
    path: OWN_COPY,
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|View) 小程序设计模板子账号/ }).click();
      await page.locator('.outline-node').nth(2).click();
    },
  },
  { name: 'designer-canvas', role: ADMIN, path: OWN_COPY, height: 1000, prepare: (page) => designer(page) },
  {
    name: 'designer-problems',
    role: ADMIN,
    path: OWN_COPY,
    height: 1200,
    prepare: (page) => designedWrongly(page),
  },
  {
    name: 'demand-form-preview',
    role: ADMIN,
    path: OWN_COPY,
    height: 1000,
    prepare: async (page) => {
      await designer(page);
      await page.getByRole('button', { name: /^(预览|Preview)$/ }).click();
      await page.locator('.schema-form input').first().waitFor();
    },
  },
  { name: 'public-templates', role: '云市场小二', path: '/operator/templates' },
  { name: 'reviews', role: '云市场小二', path: '/operator/reviews' },
  { name: 'vendor-dashboard-first-day', role: ADMIN, path: '/vendor/dashboard', height: 1000 },
  { name: 'vendor-roles', role: ADMIN, path: '/vendor/roles' },
  { name: 'vendor-holidays', role: ADMIN, path: '/vendor/holidays?year=2026', height: 1300 },
  { name: 'vendor-holidays-provisional', role: ADMIN, path: '/vendor/holidays?year=2027' },
  { name: 'vendor-message-templates', role: ADMIN, path: '/vendor/message-templates' },
  {
    name: 'vendor-message-template-view',
    role: ADMIN,
    path: '/vendor/message-templates',
    prepare: opened(/^(查看|View)/),
  },
  { name: 'profile', role: '厂商项目经理', path: '/vendor/profile', height: 1000 },
  {
    name: 'profile-second-factor',
    role: '厂商项目经理',
    path: '/vendor/profile',
    prepare: opened(/^(开启两步验证|Turn on)$/),
  },
  { name: 'forbidden', role: '厂商项目经理', path: '/vendor/users' },
  { name: 'operator-work', role: OPERATOR, path: '/operator/work' },
  { name: 'operator-projects', role: OPERATOR, path: '/operator/projects' },
  {
    name: 'palette',
    role: ADMIN,
    path: '/vendor/projects',
    prepare: async (page) => {
      await page.getByRole('button', { name: /Ctrl\+K/ }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /输入菜单名称|A menu or/ }).fill('数据');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'operator-connections', role: OPERATOR, path: '/operator/connections' },
  {
    name: 'operator-connection',
    role: OPERATOR,
    path: '/operator/connections',
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|Open) 自有商城/ }).click();
      await page.getByRole('cell', { name: 'cmgj000001', exact: true }).waitFor();
    },
  },
  {
    name: 'operator-connection-notices',
    role: OPERATOR,
    path: '/operator/connections',
    prepare: async (page) => {
      await page.getByRole('link', { name: /^(查看|Open) 自有商城/ }).click();
      await page.getByRole('link', { name: /^(通知|Notices)$/ }).click();
      await page.waitForURL(/operator\/connections\/[0-9a-f-]{36}\/notices/);
      await page.locator('.page-hint').waitFor();
    },
  },
  { name: 'operator-relations', role: OPERATOR, path: '/operator/relations' },
  { name: 'operator-template-replacement', role: OPERATOR, path: '/operator/template-replacement' },
  {
    name: 'operator-template-replacement-table',
    role: OPERATOR,
    path: '/operator/template-replacement',
    prepare: opened(/^plus (登记商品|Record products)/),
  },
  { name: 'operator-demand-forms', role: OPERATOR, path: '/operator/demand-forms' },
  {
    name: 'operator-demand-form-edit',
    role: OPERATOR,
    path: '/operator/demand-forms',
    height: 1000,
    prepare: async (page) => {
      await opened(/^(编辑|Edit)/)(page);
      await page.locator('.form-preview .schema-field').first().waitFor();
    },
  },
  { name: 'operator-message-templates', role: OPERATOR, path: '/operator/message-templates' },
  {
    name: 'operator-message-template-edit',
    role: OPERATOR,
    path: '/operator/message-templates',
    height: 1000,
    prepare: opened(/^(编辑|Edit)/),
  },
  { name: 'operator-roles', role: OPERATOR, path: '/operator/roles' },
  { name: 'operator-role-edit', role: OPERATOR, path: '/operator/roles', prepare: opened(/^(编辑|Edit)/) },
  { name: 'operator-holidays', role: OPERATOR, path: '/operator/holidays?year=2026' },
  {
    name: 'operator-holidays-import',
    role: OPERATOR,
    path: '/operator/holidays?year=2026',
    prepare: opened(/(导入节假日|Import holidays)$/),
  },
  {
    name: 'operator-main-account',
    role: OPERATOR,
    path: '/operator/parties',
    prepare: opened(/^(主账号|Main account) /),
  },
  {
    name: 'operator-holidays-edit',
    role: OPERATOR,
    path: '/operator/holidays?year=2026',
    height: 1000,
    prepare: opened(/^edit (编辑|Edit)/),
  },
  { name: 'operator-parties', role: OPERATOR, path: '/operator/parties' },
  { name: 'operator-buyers', role: OPERATOR, path: '/operator/buyers' },
  {
    name: 'operator-party-users',
    role: OPERATOR,
    path: '/operator/parties?tab=customer',
    prepare: opened(/^(用户|Users)/),
  },
  {
    name: 'operator-party-form',
    role: OPERATOR,
    path: '/operator/parties?tab=customer',
    height: 1000,
    prepare: opened(/(登记|Register)$/),
  },
  { name: 'operator-outbox', role: OPERATOR, path: '/operator/outbox' },
  { name: 'operator-status', role: OPERATOR, path: '/operator/status', height: 1000 },
  { name: 'staff-messages', role: '服务商员工 (高级设计师、设计师)', path: '/provider/messages' },
  { name: 'customer-messages', role: '顾客', path: '/customer/messages' },
  { name: 'customer-messages-narrow', role: '顾客', path: '/customer/messages', width: 390 },
  { name: 'staff-profile', role: '服务商员工 (高级设计师、设计师)', path: '/provider/profile', width: 390 },
  { name: 'customer-work-narrow', role: '顾客', path: '/customer/work', width: 390 },
  { name: 'customer-purchased', role: '顾客', path: '/customer/purchased-services' },
  { name: 'customer-purchased-narrow', role: '顾客', path: '/customer/purchased-services', width: 390 },
  {
    name: 'customer-project',
    role: '顾客',
    path: '/customer/purchased-services',
    prepare: manage('10000107'),
  },
  {
    name: 'customer-project-narrow',
    role: '顾客',
    path: '/customer/purchased-services',
    width: 390,
    height: 1400,
    prepare: manage('10000107'),
  },
  { name: 'customer-profile', role: '顾客', path: '/customer/profile', width: 390 },
  ...work,
  { name: 'not-found', role: '顾客', path: '/customer/nothing' },
];

/** Shown a day later: dashboards tell of the time until midnight. */
export const nextDay = [
  { name: 'vendor-dashboard', role: ADMIN, path: '/vendor/dashboard', height: 1000 },
  { name: 'vendor-dashboard-months', role: ADMIN, path: '/vendor/dashboard?unit=month&window=60', height: 1000 },
  { name: 'provider-dashboard', role: ADMIN, path: '/provider/dashboard', height: 1000 },
];
