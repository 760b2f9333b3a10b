/** What the first list route (项目管理) loads of script, as the gateway sends it (gzip). Fails above the aim. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 450;
const ENTRY = 'index.html';
const ROUTE = 'src/screens/projects/ProjectList.tsx';

export async function firstRouteSize() {
  const manifest = JSON.parse(await readFile('dist/.vite/manifest.json', 'utf8'));
  const chunks = new Set();
  const add = (name) => {
    if (!chunks.has(name)) {
      chunks.add(name);
      for (const imported of manifest[name].imports ?? []) {
        add(imported);
      }
    }
  };
  add(ENTRY);
  add(ROUTE);
  let bytes = 0;
  for (const name of chunks) {
    bytes += gzipSync(await readFile(`dist/${manifest[name].file}`), { level: 9 }).length;
  }
  return { kilobytes: bytes / 1000, limit: LIMIT_KB };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const size = await firstRouteSize();
  console.log(`first list route: ${size.kilobytes.toFixed(1)} kB of script, gzip (at most ${size.limit})`);
  process.exitCode = size.kilobytes > size.limit ? 1 : 0;
}
