// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react';
import { App } from 'antd';
import { useEffect } from 'react';
import { MemoryRouter } from 'react-router';
import { expect, test } from 'vitest';
import { ApiError } from '../api';
import '../testing';
import { useRefused } from './useRefused';

function Refusing({ error }: { error: unknown }) {
  const refused = useRefused();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is refused once
  useEffect(() => refused(error), []);
  return null;
}

const show = (error: ApiError) =>
  act(async () => {
    render(
      <MemoryRouter initialEntries={['/provider/users']}>
        <App>
          <Refusing error={error} />
        </App>
      </MemoryRouter>,
    );
  });

test('what is in the way is listed, orders with links, and how many more there are', async () => {
  const messages = {
    zh: '该员工持有3个未完结的项目，请先更换操作人：DD-1、DD-2 等3个',
    en: 'held: DD-1, DD-2 and 1 more',
  };
  const items = ['1', '2'].map((n) => ({ kind: 'project' as const, id: `p${n}`, name: `DD-${n}` }));
  await show(new ApiError(409, 'user-holds-projects', messages, { blocking: { items, total: 3 } }));
  expect(await screen.findByText('该员工持有3个未完结的项目，请先更换操作人')).toBeTruthy();
  const links = screen.getAllByRole('link').map((link) => [link.textContent, link.getAttribute('href')]);
  expect(links).toEqual([
    ['DD-1', '/provider/projects/p1'],
    ['DD-2', '/provider/projects/p2'],
  ]);
  expect(screen.getByText('还有 1 个')).toBeTruthy();
});

test('a refusal without a list is said in passing', async () => {
  await show(new ApiError(409, 'x', { zh: '不行', en: 'no' }));
  expect(await screen.findByText('不行')).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
});
