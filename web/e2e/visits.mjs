/**
 * The screens that are shown, photographed and checked. `role`: the demo account's title; `-` = signed out.
 * `prepare` brings the page into the state wanted, for example opens a dialog.
 */
const ADMIN = '厂商管理员、服务商管理员';

const OPERATOR = '云市场小二';

const firstDetails = async (page) => {
  await page
    .getByRole('link', { name: /详情|Details/ })
    .first()
    .click();
  await page.locator('.flow').first().waitFor();
};

/** A dialog behind the first button of that name. */
const opened = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
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
  { name: 'provider-projects', role: ADMIN, path: '/provider/projects' },
  { name: 'provider-users', role: ADMIN, path: '/provider/users' },
  {
    name: 'provider-user-new',
    role: ADMIN,
    path: '/provider/users',
    height: 1000,
    prepare: async (page) => {
      await page.getByRole('button', { name: /^(新建|New)$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'vendor-users', role: ADMIN, path: '/vendor/users' },
  { name: 'vendor-dashboard', role: ADMIN, path: '/vendor/dashboard', height: 1000 },
  { name: 'vendor-dashboard-months', role: ADMIN, path: '/vendor/dashboard?unit=month&window=60', height: 1000 },
  { name: 'provider-dashboard', role: ADMIN, path: '/provider/dashboard', height: 1000 },
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
  { name: 'forbidden', role: '厂商项目经理', path: '/vendor/users' },
  { name: 'operator-projects', role: OPERATOR, path: '/operator/projects' },
  {
    name: 'palette',
    role: ADMIN,
    path: '/vendor/projects',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /输入菜单名称|A menu or/ }).fill('数据');
      await page.getByRole('dialog').waitFor();
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
      await page.locator('.form-preview .ant-form-item').first().waitFor();
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
    name: 'operator-holidays-edit',
    role: OPERATOR,
    path: '/operator/holidays?year=2026',
    height: 1000,
    prepare: opened(/^edit (编辑|Edit)/),
  },
  { name: 'operator-parties', role: OPERATOR, path: '/operator/parties' },
  {
    name: 'operator-party-users',
    role: OPERATOR,
    path: '/operator/parties?tab=customer',
    prepare: opened(/^(用户|Users)/),
  },
  { name: 'operator-outbox', role: OPERATOR, path: '/operator/outbox' },
  { name: 'operator-status', role: OPERATOR, path: '/operator/status', height: 1000 },
  { name: 'staff-messages', role: '服务商员工 (高级设计师、设计师)', path: '/provider/messages' },
  { name: 'customer-messages', role: '顾客', path: '/customer/messages' },
  { name: 'customer-messages-narrow', role: '顾客', path: '/customer/messages', width: 390 },
  { name: 'staff-profile', role: '服务商员工 (高级设计师、设计师)', path: '/provider/profile', width: 390 },
  { name: 'customer-profile', role: '顾客', path: '/customer/profile', width: 390 },
  { name: 'not-found', role: '顾客', path: '/customer/nothing' },
];
