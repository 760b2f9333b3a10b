/**
 * Whether screens still look as their references do, so that a broken layout is seen: pictures of half the size, in which
 * every digit is a zero and what depends on the time or on what others do is hidden.
 *
 * `node e2e/run.mjs --renew` writes the references anew (make console ARGS=--renew); look at what changed before you
 * commit it. They say which Chromium made them: another one draws text a little differently, and more may differ then.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const FOLDER = new URL('references/', import.meta.url).pathname;
const VERSION = join(FOLDER, 'chromium.txt');

/** Visits whose pictures are compared, in Chinese and light. */
export const COMPARED = [
  'login',
  'vendor-projects',
  'vendor-project-details',
  'change-provider',
  'provider-projects',
  'projects-beside',
  'project-files',
  'project-decisions',
  'products',
  'templates',
  'template-view',
  'provider-user-new',
  'loads',
  'vendor-message-templates',
  'vendor-roles',
  'connections',
  'profile',
  'operator-parties',
  'customer-purchased',
  'customer-project-narrow',
];

/** Of all pixels, those that may differ: a line of text that came out otherwise, not a column that has moved. */
const SHARE = 0.004;
const SHARE_OF_OTHERS = 0.02;
/** Differences of colour below this are none (pixelmatch, 0 … 1). */
const COLOUR = 0.15;

/** What shows how much time is left, how many others have written, and charts. */
const HIDDEN =
  '.ant-badge-count, .ant-scroll-number, .tab-count, .ant-progress, .ant-message, canvas, .current .secondary';

/** The one font that is there wherever these tests run (tools/web.sh brings it): others are as wide as it happens. */
const FONT = "'Noto Sans CJK SC'";
const STILL = `${HIDDEN} { visibility: hidden !important }
* { caret-color: transparent !important; font-family: ${FONT} !important }`;

/** What says the same whatever the day and whatever ids came out: runs in the page. */
function still(rules) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const zeros = (text) => text.replace(/(\d+(天|小时|分钟|分|秒))+/g, '0$2').replace(/\d/g, '0');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (/\d/.test(node.nodeValue)) {
      node.nodeValue = zeros(node.nodeValue);
    }
  }
  for (const input of document.querySelectorAll('input, textarea')) {
    if (/\d/.test(input.value)) {
      input.value = zeros(input.value);
    }
  }
}

/** Half as wide and high: each pixel the mean of four. */
function halved(picture) {
  const half = new PNG({ width: picture.width >> 1, height: picture.height >> 1 });
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      for (let part = 0; part < 4; part++) {
        const at = (2 * y * picture.width + 2 * x) * 4 + part;
        const { data } = picture;
        const below = at + picture.width * 4;
        half.data[(y * half.width + x) * 4 + part] = (data[at] + data[at + 4] + data[below] + data[below + 4]) >> 2;
      }
    }
  }
  return half;
}

/**
 * A function that compares what a page shows with the reference of that name, or makes it the reference where `renews`. It
 * gives what is wrong, if something is; then a picture of what differs lies in `screens`.
 */
export function comparing({ version, screens, renews }) {
  const major = version.split('.')[0];
  if (renews) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(VERSION, `${major}\n`);
  }
  const allowed = readFileSync(VERSION, 'utf8').trim() === major ? SHARE : SHARE_OF_OTHERS;
  return async (page, name) => {
    await page.evaluate(still, STILL);
    const picture = halved(PNG.sync.read(await page.screenshot({ animations: 'disabled' })));
    await page.evaluate(() => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
    });
    const path = join(FOLDER, `${name}.png`);
    const differing = join(screens, `${name}-differs.png`);
    rmSync(differing, { force: true });
    if (renews) {
      writeFileSync(path, PNG.sync.write(picture, { colorType: 2, deflateLevel: 9 }));
      return undefined;
    }
    if (!existsSync(path)) {
      return 'has no reference: make console ARGS=--renew';
    }
    const reference = PNG.sync.read(readFileSync(path));
    const { width, height } = reference;
    if (picture.width !== width || picture.height !== height) {
      return `is ${picture.width} × ${picture.height}, not ${width} × ${height}`;
    }
    const seen = new PNG({ width, height });
    const differ = pixelmatch(reference.data, picture.data, seen.data, width, height, { threshold: COLOUR });
    const share = differ / (width * height);
    if (share <= allowed) {
      return undefined;
    }
    writeFileSync(differing, PNG.sync.write(seen));
    return `looks otherwise: ${(share * 100).toFixed(2)} % differ (at most ${allowed * 100} %), see ${differing}`;
  };
}
