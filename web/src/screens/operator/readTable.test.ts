import { expect, test } from 'vitest';
import { readTable } from './readTable';

test('a table from a spreadsheet is read row by row, with or without a template', () => {
  expect(readTable('河北服务商\t1744\tCmjj001\t企业官网\t12\t建站流程\r\n\n河北服务商，1744，Cmjj002，小程序')).toEqual(
    {
      rows: [
        {
          provider_name: '河北服务商',
          account: '1744',
          code: 'Cmjj001',
          name: '企业官网',
          template_serial: 12,
          template_name: '建站流程',
        },
        {
          provider_name: '河北服务商',
          account: '1744',
          code: 'Cmjj002',
          name: '小程序',
          template_serial: null,
          template_name: null,
        },
      ],
      wrong: [],
    },
  );
});

test('lines that are no row are named', () => {
  expect(readTable('a,b,c\n河北服务商,1744,C1,官网,第一个').wrong).toEqual([1, 2]);
});
