import { expect, test } from 'vitest';
import { newNode } from './forms.fixture';
import { fits, isInSight, layout, placeOf } from './layout';

const steps = Array.from({ length: 8 }, (_, place) => newNode('general', `第${place}步`, `n${place}`));
const WINDOW = { width: 700, height: 440 };

test('C-15: of a long flow only what is within the window is in sight', () => {
  const boxes = layout(steps);
  const view = { x: 200, y: 20, zoom: 1, ...WINDOW };
  const seen = steps.map(({ id }) => isInSight(placeOf(boxes, id, undefined) as never, view));
  expect(seen).toEqual([true, true, true, false, false, false, false, false]);
});

test('a child stands where its container is', () => {
  const box = { ...newNode('container', '制作', 'box'), children: [newNode('general', '设计', 'b')] };
  const boxes = layout([newNode('assign_provider', '分配', 'start'), box]);
  const around = boxes.get('box');
  expect(placeOf(boxes, 'b', 'box')?.y).toBe((around?.y ?? 0) + (boxes.get('b')?.y ?? 0));
  expect(placeOf(boxes, 'gone', undefined)).toBeUndefined();
});

test('a short flow fits, a long one does not', () => {
  expect(fits(layout(steps.slice(0, 4)), 0.75, WINDOW)).toBe(true);
  expect(fits(layout(steps), 0.75, WINDOW)).toBe(false);
});
