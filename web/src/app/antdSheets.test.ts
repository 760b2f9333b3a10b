// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';

const links = () => [...document.head.querySelectorAll<HTMLLinkElement>('link')];
const paths = () => links().map((link) => link.getAttribute('href'));
const come = (path: string, event = 'load') =>
  links()
    .find((link) => link.getAttribute('href') === path)
    ?.dispatchEvent(new Event(event));
const soon = () => new Promise((resolve) => setTimeout(resolve));

async function built() {
  vi.stubEnv('ANTD_SHEETS', '/antd-0.css /antd-1.css');
  vi.resetModules();
  return await import('./antdSheets');
}

beforeEach(() => {
  document.head.innerHTML = '<link rel="stylesheet" href="/own.css">';
});

test('the sheets of antd stand before those of the console, in their order', async () => {
  const { styled } = await built();
  void styled(async () => 1);
  expect(paths()).toEqual(['/antd-0.css', '/antd-1.css', '/own.css']);
});

test('what is shown soon waits for the first sheet only, the others for both', async () => {
  const { styled } = await built();
  const shown: string[] = [];
  void styled(async () => 'soon', true).then((name) => shown.push(name));
  void styled(async () => 'other').then((name) => shown.push(name));
  come('/antd-0.css');
  await soon();
  expect(shown).toEqual(['soon']);
  come('/antd-1.css');
  await soon();
  expect(shown).toEqual(['soon', 'other']);
  expect(paths()).toHaveLength(3);
});

test('where only the later sheet fails, what is shown soon is shown, and no error is left over', async () => {
  const { styled } = await built();
  const shown = styled(async () => 1, true);
  come('/antd-1.css', 'error');
  await soon();
  come('/antd-0.css');
  expect(await shown).toBe(1);
});

test('a sheet that could not be had is fetched anew, before the same', async () => {
  const { styled } = await built();
  const failed = styled(async () => 1);
  come('/antd-0.css', 'error');
  await expect(failed).rejects.toThrow('/antd-0.css');
  const again = styled(async () => 1);
  expect(paths()).toEqual(['/antd-0.css', '/antd-1.css', '/own.css']);
  come('/antd-0.css');
  come('/antd-1.css');
  expect(await again).toBe(1);
});

test('without sheets nothing is waited for', async () => {
  vi.unstubAllEnvs();
  vi.resetModules();
  const { styled } = await import('./antdSheets');
  expect(await styled(async () => 1)).toBe(1);
  expect(paths()).toEqual(['/own.css']);
});
