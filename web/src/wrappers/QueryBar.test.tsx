// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import '../i18n';
import '../testing';
import { QueryBar, type QueryField, suggestions } from './QueryBar';

const FIELDS: QueryField[] = [
  { kind: 'text', name: 'order', label: '订单号', first: true },
  { kind: 'text', name: 'vendor', label: '厂商', first: true },
  { kind: 'suggested', name: 'edition', label: '版本', values: ['标准版', '尊贵版'] },
];

function show(isWide: boolean, onSearch = vi.fn()) {
  const media = vi.spyOn(globalThis, 'matchMedia').mockImplementation(
    (query) =>
      ({
        matches: isWide,
        media: query,
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        addListener: () => undefined,
        removeListener: () => undefined,
      }) as unknown as MediaQueryList,
  );
  render(<QueryBar fields={FIELDS} values={{}} onSearch={onSearch} onReset={() => undefined} />);
  media.mockRestore();
  return onSearch;
}

const labels = () => [...document.querySelectorAll('.query-field > label')].map((one) => one.textContent);

test('C-60: on a phone one filter stands before the rows, the others behind 更多', () => {
  show(false);
  expect(labels()).toEqual(['订单号']);
  fireEvent.click(screen.getByRole('button', { name: /更多/ }));
  expect(labels()).toEqual(['订单号', '厂商', '版本']);
});

test('C-64: a value offered counts at once', () => {
  const onSearch = show(true);
  expect(labels()).toEqual(['订单号', '厂商']);
  fireEvent.click(screen.getByRole('button', { name: /更多/ }));
  fireEvent.mouseDown(screen.getByLabelText('版本', { selector: 'input' }));
  fireEvent.click(screen.getByTitle('尊贵版'));
  expect(onSearch).toHaveBeenCalledWith({ edition: '尊贵版' });
});

test('what contains the text typed is offered', () => {
  expect(suggestions(['标准版', 'Pro', '专业pro'], 'PRO').map(({ value }) => value)).toEqual(['Pro', '专业pro']);
  expect(suggestions(['标准版'], '')).toHaveLength(1);
});
