/**
 * The screens that are shown, photographed and checked. `role`: the demo account's title; `-` = signed out.
 * `prepare` brings the page into the state wanted, for example opens a dialog.
 */
import { work } from './visits/work.mjs';

const ADMIN = '厂商管理员、服务商管理员';

const firstDetails = async (page) => {
  await page
    .getByRole('link', { name: /详情|Details/ })
    .first()
    .click();
  await page.locator('.flow').first().waitFor();
};

/** Press the button of this name, then wait for the dialog. */
const opens = (name) => async (page) => {
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
      await opens(/^(文件管理|Files)$/)(page);
    },
  },
  {
    name: 'project-notes',
    role: ADMIN,
    path: '/vendor/projects?order_number=10000107',
    prepare: async (page) => {
      await firstDetails(page);
      await opens(/^(项目备注|Notes)$/)(page);
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
      await opens(/^(批量催办|Remind)$/)(page);
    },
  },
  { name: 'vendor-purchased', role: ADMIN, path: '/vendor/purchased-services' },
  {
    name: 'test-order',
    role: ADMIN,
    path: '/vendor/purchased-services',
    prepare: opens(/^(下测试订单|Test order)$/),
  },
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
  { name: 'profile', role: '厂商项目经理', path: '/vendor/profile', height: 1000 },
  { name: 'forbidden', role: '厂商项目经理', path: '/vendor/users' },
  { name: 'operator-projects', role: '云市场小二', path: '/operator/projects' },
  { name: 'staff-profile', role: '服务商员工 (高级设计师、设计师)', path: '/provider/profile', width: 390 },
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
