// @vitest-environment jsdom
import '../testing';
import { fireEvent, render, screen } from '@testing-library/react';
import { ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { momentOf } from '../app/times';
import { DayPicker, ReadingPicker } from './pickers';

const shown = (picker: ReactNode) => render(<ConfigProvider locale={zhCN}>{picker}</ConfigProvider>);
const input = () => screen.getByRole<HTMLInputElement>('textbox');

test('a day is shown and chosen as it stands on the calendar, in Chinese', () => {
  const change = vi.fn();
  shown(<DayPicker value="2026-11-29" onChange={change} />);
  expect(input().value).toBe('2026-11-29');
  fireEvent.mouseDown(input());
  fireEvent.click(input());
  const heads = [...document.querySelectorAll('th')].map((head) => head.textContent);
  expect(heads).toEqual(['一', '二', '三', '四', '五', '六', '日']);
  expect(document.querySelector('.ant-picker-header-view')?.textContent).toBe('2026年11月');
  fireEvent.click(screen.getByTitle('2026-11-30'));
  expect(change).toHaveBeenLastCalledWith('2026-11-30');
});

test('a reading typed is kept to the second, also one that Los Angeles skips', () => {
  const change = vi.fn();
  shown(<ReadingPicker value={null} onChange={change} />);
  fireEvent.mouseDown(input());
  fireEvent.change(input(), { target: { value: '2026-03-08 02:30:05' } });
  fireEvent.click(screen.getByRole('button', { name: /确\s*定/ }));
  expect(change).toHaveBeenLastCalledWith('2026-03-08T02:30:05');
  expect(momentOf('2026-03-08T02:30:05')).toBe('2026-03-07T18:30:05.000Z');
});

test('today is marked where the platform has it', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-29T16:30:00Z'), toFake: ['Date'] });
  shown(<DayPicker value={null} />);
  fireEvent.mouseDown(input());
  fireEvent.click(input());
  expect(document.querySelector('.ant-picker-cell-today')?.getAttribute('title')).toBe('2026-11-30');
  vi.useRealTimers();
});
