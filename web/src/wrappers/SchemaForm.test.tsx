// @vitest-environment jsdom
import '../testing';
import type Form from '@rjsf/core';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { App } from 'antd';
import { createRef } from 'react';
import { beforeAll, expect, test, vi } from 'vitest';
import { ready } from '../i18n';
import SchemaForm, { type Filled } from './SchemaForm';

beforeAll(() => ready);

/** A form of these properties, and what it told last. */
function shown(properties: object, rest: object = {}, data: Filled = {}) {
  const form = createRef<Form>();
  const told = { changed: vi.fn(), sent: vi.fn() };
  render(
    <App>
      <SchemaForm
        ref={form}
        prefix="form"
        schema={{ type: 'object', properties, ...rest }}
        data={data}
        onChange={told.changed}
        onSubmit={told.sent}
      />
    </App>,
  );
  return { ...told, submit: () => act(() => form.current?.submit()) };
}

const type = (label: string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });

test('a number is one in full-width digits, too', () => {
  const { changed, sent, submit } = shown({ price: { title: '价格', type: 'number' } });
  type('价格', '１２．５');
  expect(changed).toHaveBeenLastCalledWith({ price: 12.5 });
  expect(screen.getByLabelText('价格')).toHaveProperty('value', '12.5');
  submit();
  expect(sent).toHaveBeenCalledTimes(1);
  type('价格', '');
  expect(changed).toHaveBeenLastCalledWith({});
});

test('what is no number stays where it was typed, and is said to be none', () => {
  const { sent, submit } = shown({ pages: { title: '页数', type: 'integer' } });
  type('页数', '十页');
  submit();
  const field = screen.getByLabelText('页数');
  const breach = screen.getByText('请输入整数');
  expect(field).toHaveProperty('value', '十页');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(field.getAttribute('aria-describedby')?.split(' ')).toContain(breach.parentElement?.id);
  expect(document.activeElement).toBe(field);
  expect(sent).not.toHaveBeenCalled();
});

test('each kind of field has its label, and what it is told about it', () => {
  shown({
    name: { title: '名称', type: 'string', description: '全称' },
    mail: { title: '邮箱', type: 'string', format: 'email', examples: ['a@b.cn'] },
    kind: { title: '类型', type: 'string', enum: ['a', 'b'] },
    many: { title: '多选', type: 'array', uniqueItems: true, items: { type: 'string', enum: ['a', 'b'] } },
    yes: { title: '已有', type: 'boolean' },
    inner: { title: '地址', type: 'object', properties: { city: { title: '城市', type: 'string' } } },
  });
  const name = screen.getByLabelText('名称');
  expect(name.getAttribute('aria-describedby')?.split(' ')).toContain(screen.getByText('全称').id);
  expect(screen.getByLabelText('邮箱')).toHaveProperty('type', 'email');
  expect(document.querySelector('datalist option')).toHaveProperty('value', 'a@b.cn');
  for (const label of ['类型', '多选']) {
    expect(screen.getByLabelText(label).getAttribute('role')).toBe('combobox');
  }
  expect(screen.getByLabelText('已有')).toHaveProperty('type', 'checkbox');
  expect(screen.getByRole('group', { name: '地址' }).contains(screen.getByLabelText('城市'))).toBe(true);
});

test('items and properties that the schema does not name are added and taken out', () => {
  const { changed } = shown(
    { list: { title: '栏目', type: 'array', items: { type: 'string' } } },
    { additionalProperties: { type: 'string' } },
  );
  fireEvent.click(screen.getByRole('button', { name: /添加栏目/ }));
  expect(changed.mock.lastCall?.[0]).toHaveProperty('list.length', 1);
  fireEvent.click(screen.getByRole('button', { name: '删除第 1 项' }));
  expect(changed).toHaveBeenLastCalledWith({ list: [] });

  fireEvent.click(screen.getByRole('button', { name: /^plus 添加$/ }));
  const name = screen.getByLabelText('名称');
  fireEvent.change(name, { target: { value: 'colour' } });
  fireEvent.blur(name);
  expect(changed.mock.lastCall?.[0]).toHaveProperty('colour');
  fireEvent.click(screen.getByRole('button', { name: '删除colour' }));
  expect(changed).toHaveBeenLastCalledWith({ list: [] });
});

test('of several schemas the one that was meant can be chosen', () => {
  shown(
    {
      kind: {
        title: '方式',
        oneOf: [
          { title: '数', type: 'integer' },
          { title: '文字', type: 'string' },
        ],
      },
    },
    {},
    { kind: '三' },
  );
  expect(screen.getByRole('combobox', { name: '方式' })).toBeTruthy();
  expect(screen.getByLabelText('文字')).toHaveProperty('value', '三');
});
