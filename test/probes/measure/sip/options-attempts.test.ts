import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { OptionsAttempts } from '../../../../probes/measure/sip/options-attempts.ts';
import type { Stray } from '../../../../probes/measure/sip/stray.ts';
import type { Outcome } from '../../../../wire/measurement.ts';

const EDGE = { address: '198.51.100.5', port: 5060 };
const TARGET = { ...EDGE, requestUri: 'sip:edge.example' };

function replyTo(branch: string, callId = `call-${branch}`): Buffer {
  return Buffer.from(
    `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=${branch}\r\nFrom: <sip:a.example>;tag=f\r\nTo: <sip:b.example>;tag=t\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\n\r\n`,
  );
}

let strays: Stray[];
let outcomes: Outcome[];
let attempts: OptionsAttempts;

function start(branch: string, sentAtMs = 0): void {
  const sent = { branch, callId: `call-${branch}`, sequenceNumber: 1, target: EDGE, sentAtMs };
  attempts.start(sent, TARGET, (outcome) => outcomes.push(outcome));
}

beforeEach(() => {
  strays = [];
  outcomes = [];
  attempts = new OptionsAttempts((stray) => strays.push(stray));
});

describe('OptionsAttempts', () => {
  test('a reply goes to the attempt of its branch, whatever the order', () => {
    start('z9hG4bKa', 0);
    start('z9hG4bKb', 10);
    attempts.receive(replyTo('z9hG4bKb'), EDGE, 15);
    expect(outcomes).toEqual([{ kind: 'answered', rttMs: 5, statusCode: 200 }]);
    attempts.receive(replyTo('z9hG4bKa'), EDGE, 30);
    expect(outcomes[1]).toEqual({ kind: 'answered', rttMs: 30, statusCode: 200 });
    expect(strays).toEqual([]);
  });

  test('a reply after the time-out is late, with its round trip, and the measurement stays', () => {
    start('z9hG4bKa');
    attempts.apply('z9hG4bKa', { kind: 'timeout' }, 250);
    attempts.receive(replyTo('z9hG4bKa'), EDGE, 400);
    expect(outcomes).toEqual([{ kind: 'timed-out', waitedMs: 250 }]);
    expect(strays).toEqual([{ reason: 'late', target: TARGET, rttMs: 400, source: EDGE }]);
  });

  test('a second reply is a duplicate, not late', () => {
    start('z9hG4bKa');
    attempts.receive(replyTo('z9hG4bKa'), EDGE, 5);
    attempts.receive(replyTo('z9hG4bKa'), EDGE, 6);
    expect(strays).toEqual([{ reason: 'duplicate', source: EDGE }]);
  });

  test('a forged reply after the end is named for what does not fit', () => {
    start('z9hG4bKa');
    attempts.apply('z9hG4bKa', { kind: 'timeout' }, 250);
    attempts.receive(replyTo('z9hG4bKa', 'forged'), EDGE, 300);
    attempts.receive(replyTo('z9hG4bKa'), { ...EDGE, port: 1 }, 300);
    expect(strays.map(({ reason }) => reason)).toEqual(['wrong-call-id', 'wrong-source']);
  });

  test('a branch never sent, or over for more than 32 s, is unknown', () => {
    attempts.receive(replyTo('z9hG4bKnever'), EDGE, 1);
    start('z9hG4bKold', 0);
    attempts.apply('z9hG4bKold', { kind: 'timeout' }, 250);
    start('z9hG4bKnew', 33_000);
    attempts.apply('z9hG4bKnew', { kind: 'timeout' }, 33_250);
    attempts.receive(replyTo('z9hG4bKold'), EDGE, 33_300);
    attempts.receive(replyTo('z9hG4bKnew'), EDGE, 33_300);
    expect(strays.map(({ reason }) => reason)).toEqual(['unknown-branch', 'unknown-branch', 'late']);
  });

  test('memory of ended attempts is bounded: of 20,000 the first are forgotten, the last are not', () => {
    for (let index = 0; index < 20_000; index += 1) {
      start(`z9hG4bK${index}`);
      attempts.apply(`z9hG4bK${index}`, { kind: 'timeout' }, 250);
    }
    attempts.receive(replyTo('z9hG4bK0'), EDGE, 300);
    attempts.receive(replyTo('z9hG4bK19999'), EDGE, 300);
    expect(strays.map(({ reason }) => reason)).toEqual(['unknown-branch', 'late']);
  });

  test('one fault or cancellation may end all that are under way', () => {
    start('z9hG4bKa');
    start('z9hG4bKb');
    attempts.applyToAll({ kind: 'socket-fault', fault: 'socket-error' }, 9);
    expect(outcomes).toEqual(Array.from({ length: 2 }, () => ({ kind: 'not-measured', reason: 'socket-error' })));
    expect(attempts.isPending('z9hG4bKa')).toBe(false);
  });

  test('every datagram of RFC 4475 is a stray with a reason, and settles nothing', () => {
    const corpus = new URL('../../../vectors/sip-torture/', import.meta.url);
    start('z9hG4bKa');
    for (const folder of ['valid', 'invalid']) {
      for (const name of readdirSync(new URL(`${folder}/`, corpus))) {
        attempts.receive(readFileSync(new URL(`${folder}/${name}`, corpus)), EDGE, 1);
      }
    }
    expect(outcomes).toEqual([]);
    const counts = Map.groupBy(strays, ({ reason }) => reason);
    expect(Object.fromEntries([...counts].map(([reason, { length }]) => [reason, length]))).toEqual({
      request: 25,
      'unknown-branch': 3,
      unparsable: 22,
    });
  });
});
