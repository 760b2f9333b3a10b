/**
 * What changes on the server, as it tells it: `GET /api/v1/live`, read with `fetch` since an EventSource cannot carry
 * a token. What changed is read anew where it is shown; the positions it came with make sure that it is seen.
 */
import { isOutdated, tellConnection } from './connection';
import { queries } from './queries';
import { tokens } from './tokens';
import { positions, usable } from './transport';

const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;
/** The server says something every 15 s, if only that it is there. */
const SILENT_MS = 40_000;
const ANSWER_MS = 10_000;
/** First parts of the keys of queries that tell of projects; those of one project name it second. */
const LISTS = new Set([
  'project-list',
  'project-counts',
  'my-projects',
  'purchased-services',
  'claimable-orders',
  'queue',
  'project-row',
]);
const OF_ONE = new Set(['project', 'timeline', 'log', 'files', 'talk', 'decisions']);

export interface LiveEvent {
  id: string | undefined;
  name: string;
  data: string;
}

/** Events out of a text that comes in pieces; what is not complete yet waits for the next piece. */
export function eventReader(): (piece: string) => LiveEvent[] {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const fields = new Map<string, string>();
      for (const line of block.split('\n')) {
        const [name = '', ...value] = line.split(':');
        if (name) {
          fields.set(name, value.join(':').trimStart());
        }
      }
      const data = fields.get('data');
      return data === undefined ? [] : [{ id: fields.get('id'), name: fields.get('event') ?? 'message', data }];
    });
  };
}

/** Whether what stands under this key may be another after these projects changed. */
export function isTouched(key: readonly unknown[], projects: ReadonlySet<string>): boolean {
  return LISTS.has(String(key[0])) || (OF_ONE.has(String(key[0])) && key.some((part) => projects.has(String(part))));
}

/** Follow the stream until stopped. Breaks are mended; where the server has no stream, screens ask by themselves. */
export function followLive(): () => void {
  const stop = new AbortController();
  void follow(stop.signal);
  return () => stop.abort();
}

async function follow(signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let pause = PAUSE_MS;
  let wasOpen = false;
  while (!signal.aborted) {
    try {
      const response = await opened(last, signal);
      if (response?.body) {
        tellConnection({ isLost: false, heardAt: Date.now() });
        if (wasOpen) {
          // What happened in between was told to nobody here, and the server may have been exchanged.
          await queries.invalidateQueries();
          void isOutdated().then((hasNewRelease) => tellConnection({ hasNewRelease }));
        }
        wasOpen = true;
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        const events = eventReader();
        for (let piece = await heard(reader); !piece.done; piece = await heard(reader)) {
          pause = PAUSE_MS;
          tellConnection({ heardAt: Date.now() });
          for (const event of events(piece.value)) {
            last = event.id ?? last;
            await take(event);
          }
        }
      }
    } catch {
      // Broken off, or silent for too long: begun again below.
    }
    if (!signal.aborted) {
      tellConnection({ isLost: true });
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** The next piece; a stream that says nothing for longer than the server is ever silent is given up. */
export async function heard<Piece>(
  reader: Pick<ReadableStreamDefaultReader<Piece>, 'read' | 'cancel'>,
  silence = SILENT_MS,
): Promise<ReadableStreamReadResult<Piece>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the stream is silent'));
      void reader.cancel().catch(() => undefined);
    }, silence);
  });
  try {
    return await Promise.race([reader.read(), silent]);
  } finally {
    clearTimeout(timer);
  }
}

async function opened(last: string | undefined, signal: AbortSignal): Promise<Response | undefined> {
  const held = await usable(tokens(), signal);
  if (held === null) {
    return undefined;
  }
  const headers = { Authorization: `Bearer ${held.access}`, ...(last ? { 'Last-Event-ID': last } : {}) };
  const late = AbortSignal.timeout(ANSWER_MS);
  const response = await fetchBegun('/api/v1/live', { headers, signal }, late);
  if (response.status === 401) {
    await usable(held, signal, true);
  }
  return response.ok ? response : undefined;
}

/** `late` bounds the wait for the answer's beginning, not the reading of the stream. */
async function fetchBegun(
  path: string,
  init: RequestInit & { signal: AbortSignal },
  late: AbortSignal,
): Promise<Response> {
  const stop = new AbortController();
  const give = () => stop.abort();
  init.signal.addEventListener('abort', give);
  late.addEventListener('abort', give);
  try {
    return await fetch(path, { ...init, signal: stop.signal });
  } finally {
    late.removeEventListener('abort', give);
  }
}

async function take({ name, data }: LiveEvent): Promise<void> {
  if (name === 'ready') {
    return;
  }
  const told = JSON.parse(data) as { projects?: string[]; positions?: Record<string, number> };
  for (const [source, position] of Object.entries(told.positions ?? {})) {
    positions.note(`${source}:${position}`);
  }
  const projects = new Set(told.projects ?? []);
  await queries.invalidateQueries(
    name === 'reset' ? {} : { predicate: ({ queryKey }) => isTouched(queryKey, projects) },
  );
}
