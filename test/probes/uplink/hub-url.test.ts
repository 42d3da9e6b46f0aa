import { describe, expect, test } from 'vitest';
import { checkHubUrl } from '../../../probes/uplink/hub-url.ts';

describe('rule 10: no plaintext but to loopback unless allowPlaintext is named', () => {
  test.each([
    'ws://127.0.0.1:8080/api/v1/probe',
    'ws://127.9.9.9/',
    'ws://[::1]:80/',
    'ws://localhost:1/',
    'ws://127.1/',
  ])('%s is loopback', (text) => expect(checkHubUrl(text, false)).toMatchObject({ ok: true }));

  test.each([
    'ws://192.0.2.1/',
    'ws://hub.example/',
    'ws://127.0.0.1.example/',
    'ws://localhost.example/',
    'ws://0.0.0.0/',
    'ws://[::]/',
    'ws://[::ffff:192.0.2.1]/',
    'ws://128.0.0.1/',
  ])('%s is refused, and allowed only by name', (text) => {
    expect(checkHubUrl(text, false)).toEqual({ ok: false, fault: 'plaintext' });
    expect(checkHubUrl(text, true)).toMatchObject({ ok: true });
  });

  test('TLS may go anywhere', () =>
    expect(checkHubUrl('wss://hub.example/api/v1/probe', false)).toMatchObject({ ok: true }));

  test.each([
    ['https://hub.example/', 'not-websocket'],
    ['file:///etc/passwd', 'not-websocket'],
    ['hub.example', 'not-a-url'],
    ['', 'not-a-url'],
    ['wss://user:secret@hub.example/', 'credentials'],
    ['wss://hub.example/#token', 'credentials'],
  ])('%j is refused as %s', (text, fault) => expect(checkHubUrl(text, true)).toEqual({ ok: false, fault }));
});
