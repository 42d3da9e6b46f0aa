import { expect, test } from 'vitest';
import { dialogOf, nextHop, routeOf } from '../../../../probes/measure/sip/dialog-state.ts';
import { parseMessage } from '../../../../probes/measure/sip/message.ts';

function answer(...lines: string[]) {
  const text = [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    'From: <sip:us@192.0.2.9>;tag=ours',
    'To: "A, B" <sip:4411@example.com>;tag=theirs',
    'Call-ID: c1',
    'CSeq: 1 INVITE',
    ...lines,
    'Content-Length: 0',
    '\r\n',
  ];
  const parsed = parseMessage(Buffer.from(text.join('\r\n'), 'latin1'));
  if (!parsed.ok || parsed.value.kind !== 'response') throw new Error('vector');
  const dialog = dialogOf(parsed.value, 'sip:dialled@192.0.2.1');
  if (!dialog) throw new Error('no dialog');
  return dialog;
}

test('routes are taken in reverse, also from one header with several values', () => {
  const dialog = answer(
    'Record-Route: <sip:192.0.2.3;lr>, "x,y" <sip:192.0.2.2;lr;did=a,b>',
    'Record-Route: <sip:192.0.2.1;lr>',
    'Contact: <sip:far@10.0.0.1:5080>',
  );
  expect(routeOf(dialog)).toEqual({
    requestUri: 'sip:far@10.0.0.1:5080',
    routes: ['<sip:192.0.2.1;lr>', '"x,y" <sip:192.0.2.2;lr;did=a,b>', '<sip:192.0.2.3;lr>'],
  });
  expect(nextHop(dialog)).toEqual({ address: '192.0.2.1', port: 5060 });
});

test('a strict router takes the place of the Request-URI', () => {
  const dialog = answer(
    'Record-Route: <sip:192.0.2.2;lr>',
    'Record-Route: <sip:192.0.2.1>',
    'Contact: <sip:far@10.0.0.1>',
  );
  expect(routeOf(dialog)).toEqual({
    requestUri: 'sip:192.0.2.1',
    routes: ['<sip:192.0.2.2;lr>', '<sip:far@10.0.0.1>'],
  });
});

test('without routes requests go to the contact, and without a contact to what was dialled', () => {
  expect(nextHop(answer('Contact: <sip:far@[2001:db8::1]:5070>'))).toEqual({ address: '2001:db8::1', port: 5070 });
  expect(routeOf(answer())).toEqual({ requestUri: 'sip:dialled@192.0.2.1', routes: [] });
  expect(nextHop(answer('Contact: <sip:far@edge.example.com>'))).toBeUndefined();
});
