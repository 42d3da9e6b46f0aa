import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseMessage, type SipMessage } from '../../../../probes/measure/sip/message.ts';
import {
  type IgnoredReason,
  type OptionsInput,
  type OptionsState,
  startOptions,
  stepOptions,
} from '../../../../probes/measure/sip/options-transaction.ts';

const EDGE = { address: '198.51.100.5', port: 5060 };
const WAITING = startOptions({
  branch: 'z9hG4bKours',
  callId: 'ours',
  sequenceNumber: 42,
  target: EDGE,
  sentAtMs: 1000,
});

type Reply = { status: number; branch: string; callId: string; cseq: string; moreVias: string };
const GOOD: Reply = { status: 200, branch: 'z9hG4bKours', callId: 'ours', cseq: '42 OPTIONS', moreVias: '' };

function parsed(text: string): SipMessage {
  const result = parseMessage(Buffer.from(text));
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}

function reply(change: Partial<Reply> = {}, source = EDGE): OptionsInput {
  const { status, branch, callId, cseq, moreVias } = { ...GOOD, ...change };
  const text = `SIP/2.0 ${status} Any\r\nVia: SIP/2.0/UDP 192.0.2.10:40000;branch=${branch};rport=40000\r\n${moreVias}From: <sip:192.0.2.10>;tag=f\r\nTo: <sip:e.example>;tag=t\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`;
  return { kind: 'message', message: parsed(text), source };
}

function settled(state: OptionsState) {
  return state.kind === 'settled' ? state.outcome : undefined;
}

describe('an answer that fits', () => {
  test.each([200, 302, 404, 486, 503, 603])(
    '%i settles as answered with the round trip: judging is not done here',
    (status) => {
      const { state, effects } = stepOptions(WAITING, reply({ status }), 1020.5);
      const outcome = { kind: 'answered', rttMs: 20.5, statusCode: status };
      expect(settled(state)).toEqual(outcome);
      expect(effects).toEqual([{ kind: 'settle', outcome }]);
    },
  );

  test.each([100, 180, 199])('provisional %i settles nothing, the final one after it does', (status) => {
    const provisional = stepOptions(WAITING, reply({ status }), 1010);
    expect(provisional).toEqual({ state: WAITING, effects: [{ kind: 'ignore', reason: 'provisional' }] });
    expect(settled(stepOptions(provisional.state, reply(), 1400).state)).toMatchObject({
      kind: 'answered',
      rttMs: 400,
    });
  });

  test('an IPv6 source counts in any spelling of the address', () => {
    const waiting = startOptions({
      branch: 'z9hG4bKours',
      callId: 'ours',
      sequenceNumber: 42,
      target: { address: '2001:DB8::5', port: 5060 },
      sentAtMs: 0,
    });
    const { state } = stepOptions(waiting, reply({}, { address: '2001:db8:0::5', port: 5060 }), 5);
    expect(settled(state)).toMatchObject({ kind: 'answered' });
  });
});

describe('anything else is ignored with its reason', () => {
  test.each<[IgnoredReason, OptionsInput]>([
    ['wrong-branch', reply({ branch: 'z9hG4bKother' })],
    ['wrong-call-id', reply({ callId: 'other' })],
    ['wrong-cseq', reply({ cseq: '43 OPTIONS' })],
    ['wrong-cseq', reply({ cseq: '42 INVITE' })],
    ['extra-via', reply({ moreVias: 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx\r\n' })],
    ['wrong-source', reply({}, { address: '198.51.100.6', port: 5060 })],
    ['wrong-source', reply({}, { address: '198.51.100.5', port: 5061 })],
    [
      'request',
      {
        kind: 'message',
        source: EDGE,
        message: parsed(
          'OPTIONS sip:x.example SIP/2.0\r\nVia: SIP/2.0/UDP h.example;branch=z9hG4bKours\r\nFrom: <sip:a.example>;tag=f\r\nTo: <sip:b.example>\r\nCall-ID: ours\r\nCSeq: 42 OPTIONS\r\n\r\n',
        ),
      },
    ],
  ])('%s', (reason, input) => {
    expect(stepOptions(WAITING, input, 1010)).toEqual({ state: WAITING, effects: [{ kind: 'ignore', reason }] });
  });

  test('no message of RFC 4475 settles it, even from the right source', () => {
    const corpus = new URL('../../../vectors/sip-torture/', import.meta.url);
    let understood = 0;
    for (const folder of ['valid', 'invalid']) {
      for (const name of readdirSync(new URL(`${folder}/`, corpus))) {
        const result = parseMessage(readFileSync(new URL(`${folder}/${name}`, corpus)));
        if (!result.ok) continue;
        understood += 1;
        const { state } = stepOptions(WAITING, { kind: 'message', message: result.value, source: EDGE }, 1010);
        expect(state).toBe(WAITING);
      }
    }
    expect(understood).toBe(28);
  });
});

describe('other ends', () => {
  test.each<[OptionsInput, object]>([
    [{ kind: 'timeout' }, { kind: 'timed-out', waitedMs: 250 }],
    [{ kind: 'cancelled' }, { kind: 'not-measured', reason: 'cancelled' }],
    [
      { kind: 'socket-fault', fault: 'port-unreachable' },
      { kind: 'refused', reason: 'port-unreachable' },
    ],
    [
      { kind: 'socket-fault', fault: 'no-route' },
      { kind: 'not-measured', reason: 'no-route' },
    ],
    [
      { kind: 'socket-fault', fault: 'not-permitted' },
      { kind: 'not-measured', reason: 'not-permitted' },
    ],
    [
      { kind: 'socket-fault', fault: 'socket-error' },
      { kind: 'not-measured', reason: 'socket-error' },
    ],
  ])('%j settles as %j', (input, outcome) => {
    expect(stepOptions(WAITING, input, 1250)).toEqual({
      state: { kind: 'settled', outcome },
      effects: [{ kind: 'settle', outcome }],
    });
  });

  test('once settled nothing changes it: messages are counted, the rest is nothing', () => {
    const { state } = stepOptions(WAITING, { kind: 'timeout' }, 1250);
    expect(stepOptions(state, reply(), 1300)).toEqual({ state, effects: [{ kind: 'ignore', reason: 'settled' }] });
    for (const kind of ['timeout', 'cancelled'] as const) {
      expect(stepOptions(state, { kind }, 1300)).toEqual({ state, effects: [] });
    }
  });

  test('a clock that seems to step back gives no negative round trip', () => {
    expect(settled(stepOptions(WAITING, reply(), 999).state)).toMatchObject({ rttMs: 0 });
  });
});
