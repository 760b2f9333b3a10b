import { expect, test } from 'vitest';
import { readSchema } from './readSchema';

test('a schema of an object is read; other JSON and other text are refused with why', () => {
  expect(readSchema('{"type": "object"}')).toEqual({ schema: { type: 'object' } });
  expect(readSchema('{"type": "string"}')).toEqual({ problem: 'object' });
  expect(readSchema('[]')).toEqual({ problem: 'object' });
  expect(readSchema('null')).toEqual({ problem: 'object' });
  expect(readSchema('{"type": ')).toMatchObject({ problem: 'json' });
});
