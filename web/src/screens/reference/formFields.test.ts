import { expect, test } from 'vitest';
import { type Field, fieldsOf, KINDS, moved, newField, withFields } from './formFields';

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'colours'],
  properties: {
    name: { title: '公司名称', type: 'string', minLength: 1, maxLength: 100 },
    about: { title: '介绍', description: '主营业务', type: 'string', maxLength: 2000 },
    colours: {
      title: '颜色',
      type: 'array',
      items: { type: 'string', enum: ['红', '蓝'] },
      uniqueItems: true,
      minItems: 1,
    },
    style: { title: '风格', type: 'string', enum: ['简洁', '华丽'] },
    pages: { title: '页数', type: 'integer', minimum: 1, maximum: 200 },
    columns: { title: '栏目', type: 'array', items: { type: 'string', minLength: 1, maxLength: 30 }, maxItems: 20 },
    mobile: { title: '电话', type: 'string', pattern: '^[0-9+-]{5,20}$' },
    domain: { title: '域名', type: 'string', pattern: '^[a-z.]+$' },
  },
};

test('C-34: a form is a list of fields, and is the same form again', () => {
  const fields = fieldsOf(SCHEMA);
  expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['name', 'text', true],
    ['about', 'long', false],
    ['colours', 'many', true],
    ['style', 'choice', false],
    ['pages', 'number', false],
    ['columns', 'list', false],
    ['mobile', 'phone', false],
    ['domain', 'other', false],
  ]);
  expect(withFields(SCHEMA, fields)).toEqual(SCHEMA);
});

test('every kind of field is known again', () => {
  for (const kind of KINDS) {
    const field: Field = { ...newField([], '甲'), kind, options: ['a'], longest: kind === 'long' ? 2000 : 100 };
    for (const required of [true, false]) {
      const [found] = fieldsOf(withFields({ type: 'object' }, [{ ...field, required }]));
      expect([found?.kind, found?.required]).toEqual([kind, required]);
    }
  }
});

test('what no kind can say stays as it was when the field is renamed and moved', () => {
  const fields = fieldsOf(SCHEMA);
  const renamed = fields.map((one) => (one.name === 'domain' ? { ...one, title: '网址', required: true } : one));
  const next = withFields(SCHEMA, moved(renamed, 7, 0));
  expect(Object.keys(next['properties'] as object)).toEqual([
    'domain',
    'name',
    'about',
    'colours',
    'style',
    'pages',
    'columns',
    'mobile',
  ]);
  expect((next['properties'] as Record<string, unknown>)['domain']).toEqual({
    title: '网址',
    type: 'string',
    pattern: '^[a-z.]+$',
  });
  expect(next['required']).toEqual(['domain', 'name', 'colours']);
});

test('a new field has a name that none has', () => {
  const one = newField([], '甲');
  expect([one.name, newField([{ ...one, name: 'field_2' }], '乙').name]).toEqual(['field_1', 'field_3']);
});
