import { expect, test } from 'vitest';
import { isQuiet, type Preferences, toShow } from './browserMessages';

const ALWAYS: Preferences = { muted: [], quiet_from: null, quiet_to: null };
const NIGHT: Preferences = { ...ALWAYS, quiet_from: 22 * 60, quiet_to: 7 * 60 };

const message = (id: string, created_at: string, trigger = 'entered') => ({
  message_id: id,
  project_id: 'p',
  order_number: '1',
  node_name: 'n',
  trigger,
  title: id,
  body: '',
  created_at,
  read_at: null,
});

test('quiet hours begin with their first minute and end before their last, over midnight, too', () => {
  expect([22 * 60 - 1, 22 * 60, 0, 7 * 60 - 1, 7 * 60].map((minute) => isQuiet(NIGHT, minute))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  const noon: Preferences = { ...ALWAYS, quiet_from: 720, quiet_to: 780 };
  expect([719, 720, 779, 780].map((minute) => isQuiet(noon, minute))).toEqual([false, true, true, false]);
  expect(isQuiet(ALWAYS, 0)).toBe(false);
});

test('what came since is shown, a few, without what is switched off, and nothing in quiet hours', () => {
  const box = [4, 3, 2, 1, 0].map((n) => message(String(n), `2026-11-29T10:0${n}:00Z`));
  const shown = (wanted: Preferences, minute = 600) =>
    toShow(box, '2026-11-29T10:00:00Z', wanted, minute).map(({ title }) => title);
  expect(shown(ALWAYS)).toEqual(['4', '3', '2']);
  expect(shown({ ...ALWAYS, muted: [{ event: 'entered', channel: 'browser' }] })).toEqual([]);
  expect(shown({ ...ALWAYS, muted: [{ event: 'entered', channel: 'sms' }] })).toEqual(['4', '3', '2']);
  expect(shown(NIGHT, 23 * 60)).toEqual([]);
});
