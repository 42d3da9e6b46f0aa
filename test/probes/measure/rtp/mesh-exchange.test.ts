import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import type { MeshReply } from '../../../../probes/measure/rtp/mesh-packet.ts';
import { acceptRequest, newReflector } from '../../../../probes/measure/rtp/mesh-reflector.ts';
import { closeInterval, markBoundary, takeReply } from '../../../../probes/measure/rtp/mesh-sender.ts';
import { newSender } from '../../../../probes/measure/rtp/mesh-sender-state.ts';
import { StreamFigures } from '../../../../wire/rtp-measurement.ts';

/** Sender and reflector with a way between them that loses what it is told to. Packets are 20 ms apart, 10 ms each way. */
class Exchange {
  readonly sender = newSender(20, 0);
  reflector = newReflector(512);
  #ssrc = 1;
  #replies = 0;
  #sent = 0;
  readonly refusals: string[] = [];

  request(extended: number, { isReplyLost = false, run = 1 } = {}): void {
    const atMs = extended * 20 + 10;
    const sentAtUs = run * 1e9 + extended * 20_000;
    const arrived = { extended, sentAtUs, ssrc: run, rtpTimestamp: extended * 160 };
    const accepted = acceptRequest(this.reflector, arrived, atMs);
    if (!accepted.ok) {
      this.refusals.push(accepted.refusal);
      return;
    }
    const { highest, distinct, duplicates, reordered, memory } = this.reflector;
    const reply: MeshReply & { ssrc: number } = {
      kind: 'reply',
      because: 'none',
      ssrc: this.#ssrc,
      tag: '',
      extended,
      sentAtUs,
      lateUs: 100,
      replyExtended: this.#replies,
      receivedAtUs: sentAtUs + 10_000,
      repliedAtUs: sentAtUs + 10_500,
      highest,
      distinct,
      duplicates,
      reordered,
      jitterUs: extended * 10,
      correctionMs: 3,
      clockErrorMs: 1,
      dropMarks: 0,
      memory: memory.slice(),
    };
    this.#replies += 1;
    if (isReplyLost) return;
    const correction = { correctionMs: 1, errorMs: 2 };
    takeReply(this.sender, reply, { sentCount: this.#sent, arrivalUs: sentAtUs + 20_500, correction });
  }

  /** Sends numbers up to `to`; what `fate` says becomes of each. */
  send(to: number, fate: (extended: number) => 'both' | 'forward-lost' | 'reply-lost' = () => 'both'): void {
    for (; this.#sent < to; ) {
      const extended = this.#sent;
      this.#sent += 1;
      const what = fate(extended);
      if (what !== 'forward-lost') this.request(extended, { isReplyLost: what === 'reply-lost' });
    }
  }

  report() {
    markBoundary(this.sender, this.#sent, this.#sent * 20);
    return closeInterval(this.sender);
  }

  restartReflector(): void {
    this.reflector = newReflector(512);
    this.#ssrc += 1;
    this.#replies = 0;
  }
}

describe('what a sender learns from a reflector', () => {
  test('tells the way there from the way back, packet by packet', () => {
    const exchange = new Exchange();
    exchange.send(500, (at) =>
      at === 100 || at === 101 ? 'forward-lost' : at >= 200 && at < 205 ? 'reply-lost' : 'both',
    );
    const report = exchange.report();
    expect(report?.forward).toMatchObject({
      expected: 500,
      received: 498,
      lost: 2,
      lossRuns: [0, 1, 0, 0, 0, 0, 0, 0],
    });
    expect(report?.reverse?.figures).toMatchObject({ expected: 498, lost: 5, lossRuns: [0, 0, 0, 0, 1, 0, 0, 0] });
    expect(report?.reverse?.rtt).toEqual({ n: 493, p50Ms: 20, p95Ms: 20, p99Ms: 20 });
    expect(report?.forward?.oneWayDelay).toEqual({ minMs: 12, p50Ms: 12, errorMs: 3 });
    expect(report?.reverse?.figures.oneWayDelay).toEqual({ minMs: 8, p50Ms: 8, errorMs: 3 });
    expect(report).toMatchObject({ startedAtMs: 0, intervalMs: 10_000, unresolved: 0 });
    expect(Check(StreamFigures, report?.forward)).toBe(true);
  });

  test('tells the jitter of the whole interval, not that of its last packets', () => {
    const exchange = new Exchange();
    exchange.send(500);
    expect(exchange.report()?.forward?.jitterMs).toBeCloseTo(2.495, 6);
    exchange.send(1000);
    expect(exchange.report()?.forward?.jitterMs).toBeCloseTo(7.495, 6);
  });

  test('counts a packet once: what nothing told of yet is in the report after', () => {
    const exchange = new Exchange();
    exchange.send(100, (at) => (at >= 90 ? 'forward-lost' : 'both'));
    expect(exchange.report()).toMatchObject({ forward: { expected: 90, lost: 0 }, unresolved: 10 });
    exchange.send(200);
    expect(exchange.report()).toMatchObject({ forward: { expected: 110, lost: 10 }, unresolved: 0 });
  });

  test('while nothing answers there is no loss to tell, and afterwards it is told which way it was', () => {
    for (const way of ['forward-lost', 'reply-lost'] as const) {
      const exchange = new Exchange();
      exchange.send(100);
      exchange.report();
      exchange.send(400, () => way);
      expect(exchange.report()).toMatchObject({ unresolved: 300 });
      exchange.send(500);
      const report = exchange.report();
      expect(report?.forward).toMatchObject({ expected: 400, lost: way === 'forward-lost' ? 300 : 0 });
      expect(report?.reverse?.figures).toMatchObject({ lost: way === 'reply-lost' ? 300 : 0 });
    }
  });

  test('counts exactly over a gap in replies that is longer than the memory', () => {
    const exchange = new Exchange();
    exchange.send(100);
    exchange.report();
    exchange.send(2000, (at) => (at % 10 === 0 ? 'forward-lost' : 'reply-lost'));
    exchange.send(2100);
    const report = exchange.report();
    expect(report?.forward).toMatchObject({ expected: 2000, lost: 190 });
    expect(report?.reverse?.figures).toMatchObject({ lost: 1710 });
  });

  test('takes a loss back when the packet comes late, and counts copies and order', () => {
    const exchange = new Exchange();
    exchange.send(100, (at) => (at === 50 ? 'forward-lost' : 'both'));
    exchange.request(50);
    exchange.request(60);
    exchange.send(110);
    expect(exchange.report()?.forward).toMatchObject({ expected: 110, lost: 0, duplicates: 1, reordered: 1 });
    expect(exchange.refusals).toEqual(['duplicate']);
  });

  test('begins anew with a reflector that restarted: what went between is unknown, not lost', () => {
    const exchange = new Exchange();
    exchange.send(100);
    exchange.report();
    exchange.send(150, () => 'forward-lost');
    exchange.restartReflector();
    exchange.send(200);
    expect(exchange.report()).toMatchObject({
      forward: { expected: 50, lost: 0 },
      reverse: { figures: { expected: 50, lost: 0 } },
    });
  });

  test('is exact for any losses either way', () => {
    const fate = fc.constantFrom('both', 'both', 'both', 'forward-lost', 'reply-lost' as const);
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 700 }), (fates) => {
        const exchange = new Exchange();
        exchange.send(1);
        exchange.send(fates.length + 1, (at) => fates[at - 1] ?? 'both');
        exchange.send(fates.length + 2);
        const report = exchange.report();
        const lost = fates.filter((each) => each === 'forward-lost').length;
        expect(report?.forward).toMatchObject({ expected: fates.length + 2, lost });
        expect(report?.reverse?.figures.lost).toBe(fates.filter((each) => each === 'reply-lost').length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a reflector', () => {
  test('gives nothing back for a copy, for what is too old to tell, or for a run that was replaced', () => {
    const exchange = new Exchange();
    exchange.send(1000, (at) => (at === 10 ? 'forward-lost' : 'both'));
    exchange.request(999);
    exchange.request(10);
    expect(exchange.refusals).toEqual(['duplicate', 'too-old']);
    exchange.request(0, { run: 2 });
    exchange.request(500, { run: 1 });
    expect(exchange.refusals.slice(2)).toEqual(['stale-run']);
    expect(exchange.reflector).toMatchObject({ senderSsrc: 2, distinct: 1, highest: 0 });
  });
});
