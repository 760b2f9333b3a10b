/** The API as one account, for what has no screen. */
import { randomUUID } from 'node:crypto';

/** How long a service is waited for. */
export const PATIENCE_MS = 30_000;
/** A service that has not heard of something yet says so; it is asked again. */
const LAGGING = new Set([404, 409, 503]);

export class Api {
  constructor(base, account) {
    this.base = base;
    this.account = account;
  }

  async as(login, password) {
    const api = new Api(this.base, { login_name: login, password });
    await api.signIn();
    return api;
  }

  async signIn() {
    this.token = undefined;
    this.token = (await this.post('/sessions', this.account)).access_token;
  }

  async call(method, path, body, { patient = false, headers = {} } = {}) {
    const key = randomUUID();
    let renewed = false;
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      const response = await fetch(`${this.base}/api/v1${path}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': key,
          ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.ok) {
        return response.status === 204 ? undefined : response.json();
      }
      if (response.status === 401 && this.token && !renewed) {
        await this.signIn(); // a story lasts longer than an access token
        renewed = true;
        continue;
      }
      if (!patient || !LAGGING.has(response.status) || Date.now() > deadline) {
        throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  get = (path, more) => this.call('GET', path, undefined, more);
  post = (path, body = {}, more) => this.call('POST', path, body, more);
  put = (path, body = {}, more) => this.call('PUT', path, body, more);
  delete = (path, more) => this.call('DELETE', path, undefined, more);
}
