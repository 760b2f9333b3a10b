import { expect, test } from 'vitest';
import { come, countedIn } from './menuCounts';

test('C-39: what waits is counted where an entrance has it, flat menus too', () => {
  const entrance = {
    entrance: 'provider',
    name: '',
    menus: [
      { name: '项目中心', items: ['项目管理', '我的项目', '排队情况'] },
      { name: '模板审核', items: [] },
    ],
  };
  expect(countedIn(entrance)).toEqual([
    ['项目中心/我的项目', '我的项目'],
    ['项目中心/排队情况', '排队情况'],
    ['模板审核', '模板审核'],
  ]);
  expect(countedIn(undefined)).toEqual([]);
});

test('only what has come since is told', () => {
  expect([come(undefined, 3), come(3, 5), come(5, 2), come(2, undefined)]).toEqual([0, 2, 0, 0]);
});
