import { expect, test } from 'vitest';
import { agentText } from './agentText';

test('a session is named by browser and system', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36';
  expect(agentText(chrome)).toBe('Chrome · Windows');
  expect(agentText(`${chrome} Edg/140.0`)).toBe('Edge · Windows');
  expect(agentText('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1')).toBe(
    'Safari · iOS',
  );
  expect(agentText('curl/8.5')).toBe('curl/8.5');
  expect([agentText(''), agentText(null)]).toEqual([undefined, undefined]);
});
