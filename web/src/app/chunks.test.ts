// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';
import { ChunkMissing, loaded, loadedPage } from './chunks';

const page = (name: string) =>
  `<html><head><script type="module" nonce="n" src="/assets/${name}.js"></script></head></html>`;
const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));

function serverHas(name: string | undefined) {
  vi.stubGlobal('fetch', async () => {
    if (name === undefined) {
      throw new TypeError('no network');
    }
    return new Response(page(name));
  });
}

beforeEach(() => {
  sessionStorage.clear();
  document.head.innerHTML = '<script type="module" src="/assets/index-1.js"></script>';
});

test('a part that comes at the second try is there', async () => {
  const load = vi.fn().mockRejectedValueOnce(new TypeError('lost')).mockResolvedValue({ default: 1 });
  expect(await loaded(load, 0)).toEqual({ default: 1 });
  expect(load).toHaveBeenCalledTimes(2);
});

test('without a network the part is missing, and the page is not loaded anew', async () => {
  serverHas(undefined);
  const reload = vi.fn();
  await expect(loadedPage(gone, reload)).rejects.toBeInstanceOf(ChunkMissing);
  expect(reload).not.toHaveBeenCalled();
});

test('after a new release the page is loaded anew, once', async () => {
  serverHas('index-2');
  const reload = vi.fn();
  void loadedPage(gone, reload);
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  await expect(loadedPage(gone, reload)).rejects.toBeInstanceOf(ChunkMissing);
  expect(reload).toHaveBeenCalledTimes(1);
});

test('of the same release the part is only missing', async () => {
  serverHas('index-1');
  const reload = vi.fn();
  await expect(loadedPage(gone, reload)).rejects.toBeInstanceOf(ChunkMissing);
  expect(reload).not.toHaveBeenCalled();
});
