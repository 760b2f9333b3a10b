/** 我的项目, 订单认领, 排队情况, 持单量设置. */
const ADMIN = '厂商管理员、服务商管理员';
const STAFF = '服务商员工 (高级设计师、设计师)';
const MANAGER = '服务商员工 (客户经理)';

const openDialog = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

const tick = async (page, name) => {
  for (const box of (await page.getByRole('checkbox', { name }).all()).slice(0, 3)) {
    await box.check();
  }
};

export const work = [
  { name: 'my-projects', role: ADMIN, path: '/provider/my-projects' },
  { name: 'my-projects-handled', role: ADMIN, path: '/provider/my-projects?view=handled' },
  { name: 'my-projects-staff', role: STAFF, path: '/provider/my-projects' },
  { name: 'my-projects-phone', role: STAFF, path: '/provider/my-projects?view=handled', width: 390, height: 844 },
  { name: 'claims', role: MANAGER, path: '/provider/claims' },
  { name: 'claims-phone', role: MANAGER, path: '/provider/claims', width: 390, height: 844 },
  {
    name: 'claims-refused',
    role: MANAGER,
    path: '/provider/claims',
    prepare: async (page) => {
      await page.getByLabel(/^(订单号|Order number)$/).fill('404');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').first().waitFor();
    },
  },
  { name: 'claims-others', role: STAFF, path: '/provider/claims', width: 390, height: 844 },
  { name: 'queue-vendor', role: ADMIN, path: '/vendor/queue' },
  { name: 'queue-provider', role: ADMIN, path: '/provider/queue' },
  { name: 'queue-empty', role: ADMIN, path: '/provider/queue?order_number=404' },
  { name: 'why-queued', role: ADMIN, path: '/provider/queue', prepare: openDialog(/^(排队说明|Why) ?\d*/) },
  { name: 'why-queued-vendor', role: ADMIN, path: '/vendor/queue', prepare: openDialog(/^(排队说明|Why) ?\d*/) },
  {
    name: 'queue-dispatched',
    role: ADMIN,
    path: '/vendor/queue',
    prepare: async (page) => {
      await tick(page, /^(选择|Choose) [A-Z0-9]/);
      await openDialog(/^(批量分单|Dispatch chosen)/)(page);
      await page
        .getByRole('button', { name: /^(关闭|Close)$/, disabled: false })
        .last()
        .isEnabled();
    },
  },
  { name: 'loads', role: ADMIN, path: '/provider/loads' },
  { name: 'loads-set', role: ADMIN, path: '/provider/loads', prepare: openDialog(/^(设置|Set) (?!chosen)/) },
  {
    name: 'loads-batch',
    role: ADMIN,
    path: '/provider/loads',
    prepare: async (page) => {
      await tick(page, /^(选择|Choose) (?!全部|all)/);
      await openDialog(/^(批量设置|Set chosen)/)(page);
    },
  },
  { name: 'loads-person', role: ADMIN, path: '/provider/loads', prepare: openDialog(/李四/) },
];
