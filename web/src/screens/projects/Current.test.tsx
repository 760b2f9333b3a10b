// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { App } from 'antd';
import { NuqsAdapter } from 'nuqs/adapters/react-router/v7';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { beforeAll, expect, test } from 'vitest';
import { queries } from '../../api/queries';
import { i18next, ready } from '../../i18n';
import '../../testing';
import { Current } from './Current';
import type { Details } from './details';

beforeAll(async () => {
  await ready;
  await i18next.loadNamespaces(['projects', 'work', 'app']);
});

const offer = (operation: string, text: string) => ({ operation, text, method: 'POST', href: '/' });

function details(current: object, node: object = {}, actions: string[] = []): Details {
  return {
    project_id: 'p',
    state: 'running',
    as_of: null,
    actions,
    business: { order_number: '1', product_name: '官网' },
    steps: [{ node: 'n', name: '需求确认', files: [], events: [], form: null, requirement: null, ...node }],
    current: {
      node: 'n',
      visit: 1,
      name: '需求确认',
      operator: '顾客',
      waits_for: '等待客户处理',
      overdue: null,
      queue: null,
      limit: null,
      operations: [],
      reminded_at: null,
      ...current,
    },
  } as unknown as Details;
}

function show(about: Details, path = '/customer/purchased-services/p') {
  const page = (
    <NuqsAdapter>
      <App>{about.current && <Current current={about.current} details={about} readAt={Date.now()} />}</App>
    </NuqsAdapter>
  );
  const router = createMemoryRouter([{ path: '*', element: page }], { initialEntries: [path] });
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

test('C-22: without a filled form what would hand it in cannot be pressed', () => {
  const operations = [offer('requirement', '提交需求'), offer('confirmation', '通过')];
  show(details({ operations }, { form: 'f', form_schema: {} }));
  expect(screen.getByRole('button', { name: /^通\s?过$/ }).hasAttribute('disabled')).toBe(true);
  expect(screen.getByRole('button', { name: '提交需求' }).hasAttribute('disabled')).toBe(false);
});

test('C-23: beside the countdown stands what happens when it is over', () => {
  const limit = { timeout_days: '2.0', remaining_seconds: 3_600, due_at: '2026-12-01 18:00:00', stands: null };
  show(details({ limit: { ...limit, advances: true } }));
  expect(screen.getByText(/到期后系统将自动确认/)).toBeTruthy();
});

test('C-48: the customer himself is told that it waits for him', () => {
  show(details({ operations: [offer('confirmation', '确认')] }));
  expect(screen.getByText(/待您处理/)).toBeTruthy();
  expect(screen.queryByText(/等待客户处理/)).toBeNull();
});

test('C-51: who operates the node is not offered to remind himself', () => {
  show(details({ operations: [offer('confirmation', '确认')] }, {}, ['remind']), '/provider/projects/p');
  expect(screen.queryByRole('button', { name: /催办/ })).toBeNull();
  show(details({}, {}, ['remind']), '/provider/projects/p');
  expect(screen.getByRole('button', { name: /催办/ })).toBeTruthy();
});
