/**
 * The stories of the manual, played in Chromium against a running system:
 *
 *     node e2e/stories/run.mjs BASE [STORY] < accounts.json
 *
 * The accounts are those of the platform operator and of the marketplace. The stories are played side by side, each by
 * people of its own. Console errors and reports of the Content-Security-Policy fail a story like anything that is not
 * seen. The last line is JSON: the problems of each story.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { launch } from '../system.mjs';
import { Stage } from './kit.mjs';
import { scenario1 } from './scenario1.mjs';
import { scenario2 } from './scenario2.mjs';
import { departments, vendors } from './scenario3.mjs';

const STORIES = { 1: scenario1, 2: scenario2, '3-departments': departments, '3-vendors': vendors };
const [base, only] = process.argv.slice(2);
const accounts = JSON.parse(await text(process.stdin));
const pictures = '../.run/screens';
mkdirSync(pictures, { recursive: true });
const browser = await launch();

let turn = Promise.resolve();

async function play(name, story) {
  const problems = [];
  const pages = [];
  let at = '';
  const open = async (person) => {
    const context = await browser.newContext({
      baseURL: base,
      viewport: { width: 1280, height: 900 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(`${at}: ${person}: ${error.message}`));
    page.on('console', (message) => {
      // A refusal that a story provokes is reported by the browser as a failed load; the story itself checks it.
      if (message.type() === 'error' && !/status of (401|403|404|409|422)/.test(message.text())) {
        problems.push(`${at}: ${person}: ${message.text()}`);
      }
    });
    pages.push(page);
    return page;
  };
  const step = (what) => {
    at = what;
    console.error(`${name}: ${what}`);
  };
  try {
    const stage = new Stage({ base, accounts, open });
    turn = turn.then(() => stage.signIn());
    await turn;
    await story(await stage.begin(), step);
  } catch (error) {
    problems.push(`${at}: ${error.stack}`);
    for (const [number, page] of pages.entries()) {
      await page.screenshot({ path: join(pictures, `story-${name}-${number}.png`) });
    }
  }
  await Promise.all(pages.map((page) => page.context().close()));
  for (const problem of problems) {
    console.error(`✗ ${name}: ${problem}`);
  }
  return [name, problems];
}

const chosen = Object.entries(STORIES).filter(([name]) => !only || only === name);
const played = Object.fromEntries(await Promise.all(chosen.map(([name, story]) => play(name, story))));
await browser.close();
console.log(JSON.stringify(played));
process.exitCode = Object.values(played).every((problems) => problems.length === 0) ? 0 : 1;
