import { createSocket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { LoopbackResponder } from '../../../../probes/measure/sip/loopback-responder-server.ts';
import { OptionsProber } from '../../../../probes/measure/sip/options-probe.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

test('a self-probe is answered, before and after datagrams that are none of its business', async () => {
  const responder = await LoopbackResponder.open();
  closers.push(() => responder.close());
  let count = 0;
  const prober = await OptionsProber.open({
    sourceAddress: '127.0.0.1',
    clock: { nowMs: () => performance.now() },
    randomToken: () => {
      count += 1;
      return `t${count}`;
    },
    onStray: (stray) => {
      throw new Error(stray.reason);
    },
  });
  closers.push(() => prober.close());
  const target = { ...responder.address, requestUri: 'sip:127.0.0.1' };
  const answered = { kind: 'answered', statusCode: 200 };
  expect((await prober.probe(target, { timeoutMs: 3000 })).outcome).toMatchObject(answered);

  const stranger = createSocket('udp4');
  closers.push(() => new Promise<void>((resolve) => stranger.close(() => resolve())));
  const replies: Buffer[] = [];
  stranger.on('message', (bytes) => replies.push(bytes));
  const fields =
    'Via: SIP/2.0/UDP 127.0.0.1;rport\r\nFrom: <sip:a.example>;tag=f\r\nTo: <sip:b.example>\r\nCall-ID: c\r\n';
  const noise = [
    'garbage',
    `REGISTER sip:b.example SIP/2.0\r\n${fields}CSeq: 1 REGISTER\r\n\r\n`,
    `SIP/2.0 200 OK\r\n${fields}CSeq: 1 OPTIONS\r\n\r\n`,
  ];
  for (const text of noise) {
    await new Promise<void>((resolve) => stranger.send(text, target.port, target.address, () => resolve()));
  }
  expect((await prober.probe(target, { timeoutMs: 3000 })).outcome).toMatchObject(answered);
  expect(replies).toEqual([]);
});
