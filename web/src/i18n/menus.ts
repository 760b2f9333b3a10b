/** Menus and entrances in English, by the Chinese names that the API gives. */
import type { Language } from '../api';

const ENGLISH: Readonly<Record<string, string>> = {
  产品中心: 'Products',
  项目中心: 'Projects',
  项目管理: 'All projects',
  我的项目: 'My projects',
  订单认领: 'Claim orders',
  排队情况: 'Queues',
  数据看板: 'Dashboard',
  模板中心: 'Templates',
  服务流程模板: 'Service flow templates',
  系统设置: 'Settings',
  个人信息: 'Personal data',
  用户管理: 'Users',
  角色管理: 'Roles',
  节假日设置: 'Holidays',
  消息模板设置: 'Message templates',
  持单量设置: 'Load settings',
  已购服务: 'Purchased services',
  商品与服务商关系: 'Products and providers',
  公共模板: 'Public templates',
  模板审核: 'Template reviews',
  需求模板: 'Demand forms',
  消息模板: 'Message templates',
  角色: 'Roles',
  节假日: 'Holidays',
  商品模板更换: 'Template replacement',
  项目: 'Projects',
  厂商入口: 'Vendor entrance',
  服务商入口: 'Provider entrance',
  '服务商入口（子账号）': 'Provider entrance (sub-account)',
  顾客入口: 'Customer entrance',
  云市场小二: 'Platform operator',
};

export function menuText(name: string, language: Language): string {
  return language === 'en' ? (ENGLISH[name] ?? name) : name;
}
