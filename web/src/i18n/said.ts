/**
 * What the system itself says in a project – whom a node waits for, what happened, roles it was installed with – comes
 * from the API in Chinese. Here it is in English. Names that people gave stay as they are, and so does what is not known.
 */
import { useTranslation } from 'react-i18next';
import { i18next } from '.';

const WORDS: Readonly<Record<string, string>> = {
  系统: 'System',
  顾客: 'Customer',
  小二: 'Operator',
  云市场: 'Marketplace',
  云市场小二: 'Platform operator',
  厂商管理员: 'Vendor admin',
  厂商项目经理: 'Vendor project manager',
  服务商管理员: 'Provider admin',
  客户经理: 'Account manager',
  设计师: 'Designer',
  设计师01: 'Designer 01',
  高级设计师: 'Senior designer',
  工程师: 'Engineer',
  服务人员: 'Service staff',
  项目经理: 'Project manager',
  经理: 'Manager',
  项目: 'Project',
  项目开始: 'project started',
  暂停项目: 'paused the project',
  启动项目: 'resumed the project',
  取消项目: 'cancelled the project',
  订单认领: 'claimed the order',
  等待客户处理: 'waiting for the customer',
  等待系统分配: 'waiting to be assigned',
  超时自动进入下一步: 'went on by itself at the time limit',
  未开始: 'not started',
};

/** Most special first. What is in brackets is a name, or itself something said. */
const SENTENCES: readonly [RegExp, (...parts: string[]) => string][] = [
  [/^等待(.+)认领$/, (who) => `waiting for ${inEnglish(who)} to claim it`],
  [/^等待(.+)处理$/, (who) => `waiting for ${inEnglish(who)}`],
  [/^服务商由(.+)更换为(.+)$/, (before, after) => `provider changed from ${before} to ${after}`],
  [/^暂停前已计时(.+)个工作日$/, (days) => `${days} working days counted before the pause`],
  [/^进入(.+)$/, (node) => `entered ${node}`],
  [/^(.+)已完成$/, (node) => `${node} completed`],
  [/^(.+) 未通过$/, (node) => `${node} was sent back`],
  // 李四 设计师
  [/^(.+) (\S+)$/, (name, role) => (role in WORDS ? `${name} ${WORDS[role]}` : `${name} ${role}`)],
];

/** The English of something said in Chinese; itself where there is none. */
export function inEnglish(text: string): string {
  const word = WORDS[text];
  if (word !== undefined) {
    return word;
  }
  for (const [sentence, english] of SENTENCES) {
    const found = sentence.exec(text);
    if (found) {
      return english(...found.slice(1));
    }
  }
  return text;
}

/** What the system says, in the language chosen. */
export function useSaid(): (text: string) => string {
  const { i18n } = useTranslation();
  return i18n.language === 'en' ? inEnglish : (text) => text;
}

/** Several things in one line: 甲、乙. */
export function joined(parts: readonly string[]): string {
  return parts.join(i18next.language === 'en' ? ', ' : '、');
}
