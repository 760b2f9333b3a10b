// @vitest-environment jsdom
import '../testing';
import { fireEvent, render, waitFor } from '@testing-library/react';
import type { ComponentType } from 'react';
import { expect, test, vi } from 'vitest';
import { widgets } from './schemaParts';

test.each([
  ['DateWidget', '2026-11-29'],
  ['DateTimeWidget', '2026-11-29T04:00:00Z'],
] as const)('what an optional %s holds can be emptied again, and is not there then', async (name, value) => {
  const change = vi.fn();
  const Widget = widgets[name] as unknown as ComponentType<Record<string, unknown>>;
  render(<Widget id="when" value={value} onChange={change} />);
  const clear = await waitFor(() => {
    const found = document.querySelector('.ant-picker-clear');
    expect(found).not.toBeNull();
    return found as Element;
  });
  fireEvent.mouseDown(clear);
  fireEvent.mouseUp(clear);
  fireEvent.click(clear);
  expect(change.mock.calls).toEqual([[undefined]]);
});
