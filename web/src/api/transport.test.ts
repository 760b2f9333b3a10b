// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from './problem';
import { forget, keep, presentSession, restore, tokens } from './tokens';
import { positions, send } from './transport';

/** An access token of a person; only its subject is read here. */
function access(name: string, person = 'zhang'): string {
  return `${name}.${btoa(JSON.stringify({ sub: person }))}.signature`;
}

const SIGNED_IN = {
  access_token: access('first'),
  token_type: 'Bearer',
  expires_at: '2026-01-01T00:05:00+00:00',
  refresh_token: '',
  refresh_expires_at: '2026-01-08T00:00:00+00:00',
  must_change_password: false,
};
const PROBLEM = {
  type: 'urn:delivery-center:problem:node-passed',
  title: 'passed',
  status: 409,
  detail: '该节点已处理，请刷新页面',
  messages: { zh: '该节点已处理，请刷新页面', en: 'The node has been passed already' },
  instance: '/x',
  correlation_id: 'c-1',
};

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

/** Answers in turn; an Error is a network that breaks. Returns the requests seen. */
function server(...answers: (Response | Error)[]): Request[] {
  const seen: Request[] = [];
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    seen.push(typeof input === 'string' ? new Request(new URL(input, 'http://console.test'), init) : input);
    const answer = answers.shift();
    if (answer === undefined) {
      throw new Error('one request too many');
    }
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  });
  return seen;
}

function request(method: string, body?: string): Request {
  return new Request('http://console.test/api/v1/things', { method, ...(body === undefined ? {} : { body }) });
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
  localStorage.clear();
  forget();
  positions.clear();
  return () => void vi.useRealTimers();
});

test('a read after a command asks for what the command wrote', async () => {
  const seen = server(json(200, {}, { 'Delivery-Position': 'project:17' }), json(200, {}));
  await send(request('POST', '{}'));
  await send(request('GET'));
  expect(seen[0]?.headers.get('Delivery-Min-Position')).toBeNull();
  expect(seen[1]?.headers.get('Delivery-Min-Position')).toBe('project:17');
});

test('commands carry a key of their own, reads none', async () => {
  const seen = server(json(200, {}), json(200, {}), json(200, {}));
  await send(request('POST', '{"a":1}'));
  await send(request('POST', '{"a":1}'));
  await send(request('GET'));
  const [first, second, third] = seen.map((one) => one.headers.get('Idempotency-Key'));
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).not.toBe(first);
  expect(third).toBeNull();
});

test('a command whose outcome is unknown keeps its key when it is sent again', async () => {
  const broken = new TypeError('network');
  const seen = server(broken, broken, broken, broken, json(200, {}));
  await expect(send(request('POST', '{"a":1}'))).rejects.toMatchObject({ status: 0, slug: 'unreachable' });
  await send(request('POST', '{"a":1}'));
  expect(new Set(seen.map((one) => one.headers.get('Idempotency-Key'))).size).toBe(1);
  expect(seen).toHaveLength(5);
});

test('a busy server is asked again, a refusal is not', async () => {
  const seen = server(json(503, PROBLEM, { 'Retry-After': '1' }), json(409, PROBLEM));
  const refused = await send(request('POST', '{}')).catch((error: unknown) => error);
  expect(seen).toHaveLength(2);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ status: 409, slug: 'node-passed', correlationId: 'c-1', messages: PROBLEM.messages });
});

test('a service that has not heard yet of what another was told is asked again soon', async () => {
  const pauses = vi.spyOn(globalThis, 'setTimeout');
  const behind = { ...PROBLEM, status: 503, type: 'urn:delivery-center:problem:behind' };
  const seen = server(
    json(503, behind, { 'Retry-After': '1' }),
    json(503, PROBLEM, { 'Retry-After': '1' }),
    json(200, {}),
  );
  await send(request('GET'));
  expect(seen).toHaveLength(3);
  expect(pauses.mock.calls.map(([, pause]) => pause).filter((pause) => pause !== 30_000)).toEqual([300, 1_000]);
  pauses.mockRestore();
});

test('an invalid token is renewed once and the request sent anew', async () => {
  keep(SIGNED_IN);
  const next = { ...SIGNED_IN, access_token: access('second') };
  const seen = server(json(401, PROBLEM), json(200, next), json(200, { fine: true }));
  const answer = await send(request('GET'));
  expect(await answer.json()).toEqual({ fine: true });
  expect(seen.map((one) => one.headers.get('Authorization'))).toEqual([
    `Bearer ${access('first')}`,
    null,
    `Bearer ${access('second')}`,
  ]);
  expect(tokens()).toMatchObject({ access: access('second'), person: 'zhang' });
});

test('a renewal goes by the cookie, as our own page, and leaves nothing in the browser’s stores', async () => {
  keep(SIGNED_IN);
  const seen = server(json(401, PROBLEM), json(200, SIGNED_IN), json(200, {}));
  await send(request('GET'));
  expect(await seen[1]?.json()).toEqual({});
  expect(seen[1]?.headers.get('X-Requested-With')).toBe('console');
  expect([...Object.values(localStorage), ...Object.values(sessionStorage)].join()).toBe('');
});

test('an answer to a renewal that got lost is asked for again and signs nobody out', async () => {
  keep(SIGNED_IN);
  const seen = server(json(401, PROBLEM), new TypeError('lost'), json(200, SIGNED_IN), json(200, { fine: true }));
  expect(await (await send(request('GET'))).json()).toEqual({ fine: true });
  expect(seen.filter((one) => one.url.endsWith('/refresh'))).toHaveLength(2);
  expect(presentSession().ended).toBe(false);
});

test('when the session has ended its person stays named, and the command goes on once he has signed in again', async () => {
  keep(SIGNED_IN);
  const seen = server(json(401, PROBLEM), json(401, PROBLEM), json(200, { fine: true }));
  const sent = send(request('POST', '{"a":1}'));
  await vi.waitFor(() => expect(presentSession()).toMatchObject({ ended: true, tokens: { person: 'zhang' } }));
  keep({ ...SIGNED_IN, access_token: access('again') });
  expect(await (await sent).json()).toEqual({ fine: true });
  expect(seen.at(-1)?.headers.get('Authorization')).toBe(`Bearer ${access('again')}`);
  expect(seen.at(-1)?.headers.get('Idempotency-Key')).toBe(seen[0]?.headers.get('Idempotency-Key'));
});

test('what waited is not sent for somebody else, nor after signing out', async () => {
  for (const then of [() => keep({ ...SIGNED_IN, access_token: access('x', 'li') }), forget]) {
    keep(SIGNED_IN);
    const seen = server(json(401, PROBLEM), json(401, PROBLEM));
    const sent = send(request('POST', '{"a":1}')).catch((error: unknown) => error);
    await vi.waitFor(() => expect(presentSession().ended).toBe(true));
    then();
    expect(await sent).toMatchObject({ status: 401 });
    expect(seen).toHaveLength(2);
  }
});

test('a page that is opened asks the cookie who is signed in', async () => {
  server(json(200, SIGNED_IN));
  expect(await restore()).toBe('signed-in');
  expect(tokens()).toMatchObject({ person: 'zhang' });
  forget();
  server(json(401, PROBLEM));
  expect(await restore()).toBe('ended');
  server(json(422, PROBLEM));
  expect(await restore()).toBe('nobody');
  expect(tokens()).toBeNull();
});

test('a token that grows old is renewed before it is used', async () => {
  keep(SIGNED_IN);
  vi.setSystemTime(Date.now() + 4 * 60_000);
  const seen = server(json(200, { ...SIGNED_IN, access_token: access('second') }), json(200, {}));
  await send(request('GET'));
  expect(seen.map((one) => new URL(one.url).pathname)).toEqual(['/api/v1/sessions/refresh', '/api/v1/things']);
  expect(seen[1]?.headers.get('Authorization')).toBe(`Bearer ${access('second')}`);
});

test('a request that no answer comes to is given up', async () => {
  vi.stubGlobal(
    'fetch',
    (_input: Request, { signal }: RequestInit) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  );
  const sent = send(request('GET')).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(5 * 35_000);
  expect(await sent).toMatchObject({ status: 0, slug: 'unreachable' });
});
