/** The system that the console is looked at on, and the browser it is looked at with. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Start the system, with six months `past` if wanted; `stop` ends it in order. */
export async function startSystem({ past = false } = {}) {
  const module = 'delivery_center.running.console_system';
  const python = spawn('../.venv/bin/python', ['-m', module, ...(past ? ['--past'] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => python.once('exit', resolve));
  for await (const line of createInterface({ input: python.stdout })) {
    if (line.startsWith('{')) {
      return {
        ...JSON.parse(line),
        stop: () => {
          python.stdin.end();
          return ended;
        },
      };
    }
  }
  throw new Error('the system did not start');
}

/** Debian's Chromium. */
export function launch() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS, downloadsPath: tmpdir() });
}
