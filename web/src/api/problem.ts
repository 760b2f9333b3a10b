/**
 * What the server refuses, as one error class. Every refusal is an RFC 9457 problem with a text in Chinese and
 * English; what did not come from our server (no network, a proxy's page) gets texts of the same shape.
 */
import type { components } from './schema';

export type Language = 'zh' | 'en';
export type FieldError = components['schemas']['FieldError'];
type Blocking = components['schemas']['Blocking'];
type ProblemDetails = components['schemas']['ProblemDetails'];

const PREFIX = 'urn:delivery-center:problem:';
const UNREACHABLE = { zh: '无法连接服务器，请检查网络后重试', en: 'The server cannot be reached, check the network' };
const UNAVAILABLE = { zh: '服务暂时不可用，请稍后重试', en: 'The service cannot be reached just now, try again soon' };
const UNREADABLE = { zh: '服务器返回了无法识别的内容', en: 'The server gave an answer that cannot be read' };

export class ApiError extends Error {
  /** HTTP status; 0 = no answer at all. */
  readonly status: number;
  /** The problem's type without its prefix, for example `node-passed`. */
  readonly slug: string;
  readonly messages: Record<Language, string>;
  /** Field by field, named as in the request's body. */
  readonly fields: readonly FieldError[];
  /** What is in the way of what was asked: the first of it, and how much there is. */
  readonly blocking: Blocking | undefined;
  readonly correlationId: string | undefined;

  constructor(status: number, slug: string, messages: Record<Language, string>, more: Partial<ProblemDetails> = {}) {
    super(`${status} ${slug}`);
    this.name = 'ApiError';
    this.status = status;
    this.slug = slug;
    this.messages = messages;
    this.fields = more.errors ?? [];
    this.blocking = more.blocking;
    this.correlationId = more.correlation_id;
  }

  static unreachable(): ApiError {
    return new ApiError(0, 'unreachable', UNREACHABLE);
  }

  /** The error that a response other than success means. Reads its body. */
  static async of(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => undefined);
    if (!isProblem(body)) {
      return new ApiError(response.status, 'unreadable', response.status >= 500 ? UNAVAILABLE : UNREADABLE);
    }
    const slug = body.type.startsWith(PREFIX) ? body.type.slice(PREFIX.length) : body.type;
    return new ApiError(response.status, slug, body.messages, body);
  }
}

function isProblem(body: unknown): body is ProblemDetails {
  return typeof body === 'object' && body !== null && 'type' in body && 'messages' in body;
}

/** The text for people. An error of our own program has no text of its own: it is a mistake, and says so. */
export function messageOf(error: unknown, language: Language): string {
  if (error instanceof ApiError) {
    return error.messages[language];
  }
  return language === 'zh' ? '页面出现意外错误' : 'Something unexpected went wrong in this page';
}
