import { expect, test } from 'vitest';
import { ApiError, messageOf } from './problem';

const page = (status: number) => new Response('<html>nginx</html>', { status });

test('C-57: what a proxy says in the place of our server is told in words of ours', async () => {
  for (const status of [500, 502, 503, 504]) {
    expect(messageOf(await ApiError.of(page(status)), 'zh')).toBe('服务暂时不可用，请稍后重试');
  }
  expect(messageOf(await ApiError.of(page(404)), 'zh')).toBe('服务器返回了无法识别的内容');
});
