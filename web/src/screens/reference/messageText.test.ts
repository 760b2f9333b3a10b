import { expect, test } from 'vitest';
import { previewOf, strangers, VARIABLES } from './messageText';

test('a preview fills in what a message template may name', () => {
  expect(previewOf('订单 {{ order_number }} 已进入“{{ node_name }}”', 'zh')).toBe('订单 201901088 已进入“提交需求”');
  for (const name of VARIABLES) {
    expect(previewOf(`{{ ${name} }}`, 'en')).not.toContain('{{');
  }
});

test('what nobody will fill in is pointed out, and stays as it is in the preview', () => {
  expect(strangers('{{ order_number }}')).toEqual([]);
  expect(strangers('{{ password }} {{order_number}}')).toEqual(['password', '{{', '}}']);
  expect(previewOf('{{ password }}', 'zh')).toBe('{{ password }}');
});
