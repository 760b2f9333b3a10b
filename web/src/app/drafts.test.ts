// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';
import { draftsOf, sweepDrafts } from './drafts';

const DAY = 86_400_000;
const of = (person: string, ...form: string[]) => draftsOf<{ text: string }>(person, form);

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ now: Date.parse('2026-11-29T00:00:00Z') });
  return () => void vi.useRealTimers();
});

test('a draft belongs to one person, one form and one object', () => {
  of('zhang', 'comment', 'p1').keep({ text: '请尽快' });
  expect(of('zhang', 'comment', 'p1').found?.values).toEqual({ text: '请尽快' });
  for (const other of [of('li', 'comment', 'p1'), of('zhang', 'note', 'p1'), of('zhang', 'comment', 'p2')]) {
    expect(other.found).toBeUndefined();
  }
  of('zhang', 'comment', 'p1').drop();
  expect(of('zhang', 'comment', 'p1').found).toBeUndefined();
});

test('a draft is kept for seven days and not longer', () => {
  of('zhang', 'comment', 'p1').keep({ text: '请尽快' });
  vi.setSystemTime(Date.now() + 7 * DAY - 1);
  expect(of('zhang', 'comment', 'p1').found).toBeDefined();
  vi.setSystemTime(Date.now() + 1);
  expect(of('zhang', 'comment', 'p1').found).toBeUndefined();
});

test('sweeping takes what is too old or unreadable, and nothing else', () => {
  of('zhang', 'comment', 'old').keep({ text: 'a' });
  vi.setSystemTime(Date.now() + 6 * DAY);
  of('li', 'comment', 'new').keep({ text: 'b' });
  localStorage.setItem('delivery.draft.broken', '{');
  localStorage.setItem('delivery.language', 'zh');
  vi.setSystemTime(Date.now() + 2 * DAY);
  sweepDrafts();
  expect(Object.keys(localStorage).sort()).toEqual(['delivery.draft.li.comment.new', 'delivery.language']);
});

test('a full or closed store is no error, and nobody signed in keeps nothing', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  of('zhang', 'comment', 'p1').keep({ text: 'a' });
  expect(of('zhang', 'comment', 'p1').found).toBeUndefined();
  vi.restoreAllMocks();
  draftsOf(undefined, ['comment']).keep({ text: 'a' });
  draftsOf('zhang', undefined).keep({ text: 'a' });
  expect(localStorage).toHaveLength(0);
});
