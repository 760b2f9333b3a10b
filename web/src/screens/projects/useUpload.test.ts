// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { ApiError } from '../../api';
import { type Upload, UploadQueue } from './useUpload';

const OFFER = { method: 'POST', href: '/api/v1/projects/p/files' };
const file = (name: string) => new File(['x'], name);
const refusal = new ApiError(422, 'file-type', { zh: '不支持的文件类型', en: 'type' });

function queueOf(send: (file: File, signal: AbortSignal) => Promise<unknown>) {
  const seen: { last: readonly Upload[] } = { last: [] };
  const queue = new UploadQueue(
    (uploads) => {
      seen.last = uploads;
    },
    async () => undefined,
    (_offer, one, { signal }) => send(one, signal),
  );
  const states = () => seen.last.map((one) => [one.file.name, one.state]);
  return { queue, seen, states };
}

test('a file that is refused does not keep the others from going, and says why', async () => {
  const sent: string[] = [];
  const { queue, seen, states } = queueOf(async (one) => {
    if (one.name === '1.exe') {
      throw refusal;
    }
    sent.push(one.name);
  });
  queue.add(OFFER, ['1.exe', '2.pdf', '3.pdf'].map(file));
  await vi.waitFor(() =>
    expect(states()).toEqual([
      ['1.exe', 'failed'],
      ['2.pdf', 'done'],
      ['3.pdf', 'done'],
    ]),
  );
  expect(sent).toEqual(['2.pdf', '3.pdf']);
  expect(seen.last[0]?.reason).toBe('不支持的文件类型');
});

test('C-10: what need not be sent is not sent, and says why at its own line', async () => {
  const sent: string[] = [];
  const { queue, seen, states } = queueOf(async (one) => void sent.push(one.name));
  queue.add(OFFER, ['1.exe', '2.pdf'].map(file), (one) => (one.name.endsWith('.exe') ? '不支持 .exe' : undefined));
  await vi.waitFor(() =>
    expect(states()).toEqual([
      ['1.exe', 'refused'],
      ['2.pdf', 'done'],
    ]),
  );
  expect(sent).toEqual(['2.pdf']);
  expect(seen.last[0]?.reason).toBe('不支持 .exe');
});

test('a refused file can be tried again, alone', async () => {
  let broken = true;
  const sent: string[] = [];
  const { queue, seen, states } = queueOf(async (one) => {
    sent.push(one.name);
    if (broken) {
      throw refusal;
    }
  });
  queue.add(OFFER, [file('a.pdf')]);
  await vi.waitFor(() => expect(states()).toEqual([['a.pdf', 'failed']]));
  broken = false;
  queue.retry(seen.last[0]?.id ?? 0);
  await vi.waitFor(() => expect(states()).toEqual([['a.pdf', 'done']]));
  expect(sent).toEqual(['a.pdf', 'a.pdf']);
});

test('taking away a file stops it, and the next one goes', async () => {
  const { queue, seen, states } = queueOf(
    (one, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        if (one.name === 'b.pdf') {
          resolve(undefined);
        }
      }),
  );
  queue.add(OFFER, [file('a.pdf'), file('b.pdf')]);
  await vi.waitFor(() => expect(states()[0]).toEqual(['a.pdf', 'running']));
  queue.remove(seen.last[0]?.id ?? 0);
  await vi.waitFor(() => expect(states()).toEqual([['b.pdf', 'done']]));
});

test('one file goes at a time, and none after the page was left', async () => {
  let under = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  const { queue } = queueOf(async () => {
    under += 1;
    most = Math.max(most, under);
    await new Promise<void>((resolve) => finish.push(resolve));
    under -= 1;
  });
  queue.add(OFFER, [file('a.pdf'), file('b.pdf'), file('c.pdf')]);
  await vi.waitFor(() => expect(finish).toHaveLength(1));
  finish[0]?.();
  await vi.waitFor(() => expect(finish).toHaveLength(2));
  queue.stop();
  finish[1]?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([finish.length, most]).toEqual([2, 1]);
});
