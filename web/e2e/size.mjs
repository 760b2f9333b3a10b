/**
 * What a page loads of script before it can be used, as the gateway sends it (gzip), and in how many files. Fails above
 * the aims. A page is its route's module with everything that is imported for it, and its texts. Told besides: its style
 * sheets, those of antd among them.
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const SHELL = 'src/app/Shell.tsx';
const text = (area) => `src/i18n/zh/${area}.ts`;
const PAGES = [
  { name: 'sign-in', modules: ['src/screens/session/Login.tsx'], kilobytes: 150, files: 25, sheets: 0 },
  {
    name: 'first page',
    modules: [SHELL, 'src/screens/home/Work.tsx', text('projects'), text('work')],
    kilobytes: 330,
    files: 25,
    sheets: 1,
  },
  {
    name: 'list',
    modules: [SHELL, 'src/screens/projects/ProjectList.tsx', text('projects')],
    kilobytes: 350,
    files: 25,
    sheets: 1,
  },
  {
    name: 'demand form', // with a calendar, as those that come with the product have days to fill in
    modules: [
      SHELL,
      'src/screens/projects/ProjectDetails.tsx',
      'src/screens/projects/RequirementForm.tsx',
      'src/wrappers/pickers.tsx',
      text('projects'),
    ],
    kilobytes: 400,
    files: 40,
    sheets: 2,
  },
];
const ENTRY = 'index.html';

/** Kilobytes of files, compressed. */
async function sent(files) {
  const read = await Promise.all(files.map((file) => readFile(`dist/${file}`)));
  return read.reduce((bytes, file) => bytes + gzipSync(file, { level: 9 }).length, 0) / 1000;
}

/** Per page its kilobytes and files, and whether they are above the aim. */
export async function sizes() {
  const manifest = JSON.parse(await readFile('dist/.vite/manifest.json', 'utf8'));
  const antd = JSON.parse(await readFile('dist/.vite/antd.json', 'utf8'));
  const found = [];
  for (const page of PAGES) {
    const chunks = new Set();
    const add = (name) => {
      if (!chunks.has(name)) {
        chunks.add(name);
        for (const imported of manifest[name].imports ?? []) {
          add(imported);
        }
      }
    };
    for (const name of [ENTRY, ...page.modules]) {
      add(name);
    }
    const kilobytes = await sent([...chunks].map((name) => manifest[name].file));
    const css = [...chunks].flatMap((name) => manifest[name].css ?? []);
    const style = await sent([...css, ...antd.sheets.slice(0, page.sheets)]);
    const isAbove = kilobytes > page.kilobytes || chunks.size > page.files;
    const told = `${page.name}: ${kilobytes.toFixed(1)} kB of script, gzip, in ${chunks.size} files`;
    const limits = `(at most ${page.kilobytes} in ${page.files})`;
    found.push({ isAbove, text: `${told} ${limits}, ${style.toFixed(1)} kB of style` });
  }
  return found;
}

/** Files that import each other, through others or not: which of them begins first is chance. */
export async function circles() {
  const manifest = JSON.parse(await readFile('dist/.vite/manifest.json', 'utf8'));
  const found = [];
  const done = new Set();
  const walk = (name, path) => {
    if (path.includes(name)) {
      found.push([...path.slice(path.indexOf(name)), name].map((one) => manifest[one].file).join(' → '));
      return;
    }
    if (!done.has(name)) {
      for (const imported of manifest[name].imports ?? []) {
        walk(imported, [...path, name]);
      }
      done.add(name);
    }
  };
  for (const name of Object.keys(manifest)) {
    walk(name, []);
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { text, isAbove } of await sizes()) {
    console.log(`${isAbove ? '✗' : '✓'} ${text}`);
    process.exitCode = process.exitCode || (isAbove ? 1 : 0);
  }
  for (const circle of await circles()) {
    console.log(`✗ ${circle}`);
    process.exitCode = 1;
  }
}
