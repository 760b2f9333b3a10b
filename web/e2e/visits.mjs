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
  { name: 'profile', role: '厂商项目经理', path: '/vendor/profile', height: 1000 },
  { name: 'forbidden', role: '厂商项目经理', path: '/vendor/users' },
  { name: 'operator-projects', role: '云市场小二', path: '/operator/projects' },
  { name: 'staff-profile', role: '服务商员工 (高级设计师、设计师)', path: '/provider/profile', width: 390 },
  { name: 'customer-profile', role: '顾客', path: '/customer/profile', width: 390 },
  ...work,
  { name: 'not-found', role: '顾客', path: '/customer/nothing' },
];
