/**
 * The vendor's table of historical products (F-04) as it is pasted from a spreadsheet: columns divided by tabs or
 * commas – 服务商名称, 账号, 商品 code, 商品名称, 服务流序号, 服务流名称, the last two optional.
 */
import type { Schema } from '../../api';

type Row = Schema<'TemplateTableRow'>;

/** `wrong`: numbers of the lines that are no such row, from 1. */
export function readTable(text: string): { rows: Row[]; wrong: number[] } {
  const rows: Row[] = [];
  const wrong: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') {
      return;
    }
    const cells = line.split(line.includes('\t') ? '\t' : /[,，]/).map((cell) => cell.trim());
    const [provider_name = '', account = '', code = '', name = '', serial = '', template = ''] = cells;
    if (cells.length > 6 || !provider_name || !account || !code || !name || !/^([1-9]\d*)?$/.test(serial)) {
      wrong.push(index + 1);
      return;
    }
    rows.push({
      provider_name,
      account,
      code,
      name,
      template_serial: serial ? Number(serial) : null,
      template_name: template || null,
    });
  });
  return { rows, wrong };
}
