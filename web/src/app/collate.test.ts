import { expect, test } from 'vitest';
import { byName } from './collate';

test('C-46: departments stand in the order of their numbers', () => {
  const names = ['研发一部', '研发三部', '研发二部', '研发十二部', '研发十部', '设计一部'];
  expect(names.toSorted(byName)).toEqual(['设计一部', '研发一部', '研发二部', '研发三部', '研发十部', '研发十二部']);
  expect(['组10', '组9', '组1'].toSorted(byName)).toEqual(['组1', '组9', '组10']);
});
