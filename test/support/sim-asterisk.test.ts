import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AmiPacket } from '../../probes/asterisk/ami/ami-packet.ts';
import { PacketDecoder } from '../../probes/asterisk/ami/packet-decoder.ts';
import { CallTracker } from '../../probes/asterisk/calls/call-tracker.ts';
import { SimAsterisk } from './sim-asterisk.ts';
import { SIM_FAILURES } from './sim-asterisk-call.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function dial(sim: SimAsterisk): Promise<{ readonly socket: Socket; readonly text: () => string }> {
  const socket = connect({ host: '127.0.0.1', port: sim.port });
  cleanups.push(() => void socket.destroy());
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('utf8');
  });
  await once(socket, 'connect');
  await vi.waitFor(() => expect(text).toBe('Asterisk Call Manager/11.0.0\r\n'));
  return { socket, text: () => text.slice('Asterisk Call Manager/11.0.0\r\n'.length) };
}

/** Figures that differ from run to run are made one. */
function settledText(text: string): string {
  return text.replaceAll(/^(Timestamp|Uptime|LastReload): [\d.]+$/gm, '$1: N').trim();
}

async function startSim(): Promise<SimAsterisk> {
  const sim = new SimAsterisk({ secret: 's3cret-of-the-test' });
  await sim.start();
  cleanups.push(() => sim.stop());
  return sim;
}

test('every recorded action gets the very answer that Asterisk 22.10.1 gave', async () => {
  const sim = await startSim();
  const file = readFileSync(new URL('../vectors/ami-exchange.txt', import.meta.url), 'utf8');
  const steps = file.split('\n---\n').map((step) => step.trim());
  expect(steps.length).toBeGreaterThan(25);
  let current = await dial(sim);
  let seen = 0;
  for (const step of steps.filter((text) => text !== '')) {
    if (step === 'connect') {
      current = await dial(sim);
      seen = 0;
      continue;
    }
    const lines = step.split('\n');
    const sent = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
    const expected = settledText(lines.filter((line) => !line.startsWith('> ')).join('\n'));
    current.socket.write(`${sent.join('\r\n')}\r\n\r\n`);
    const { text } = current;
    const answer = (): string => settledText(text().slice(seen).replaceAll('\r\n', '\n'));
    await vi.waitFor(() => expect(`${sent.join('\n')}\n${answer()}`).toBe(`${sent.join('\n')}\n${expected}`));
    seen = text().length;
  }
});

describe('simulated calls', () => {
  async function hear(sim: SimAsterisk): Promise<() => readonly AmiPacket[]> {
    const { socket, text } = await dial(sim);
    socket.write('Action: Login\r\nUsername: probe\r\nSecret: s3cret-of-the-test\r\nEvents: call\r\n\r\n');
    await vi.waitFor(() => expect(text()).toContain('Authentication accepted'));
    return () => {
      const { found } = new PacketDecoder().push(Buffer.from(`Asterisk Call Manager/11.0.0\r\n${text()}`));
      return found.flatMap((item) => (item.kind === 'packet' ? [item.packet] : []));
    };
  }

  const trunks = [{ trunk: 'acme', endpoint: 'acme-out', edges: [{ edge: 'east', hostPort: '192.0.2.1:5060' }] }];

  test.each(Object.entries(SIM_FAILURES))(
    '%s is told as the tracker knows it from a real Asterisk',
    async (name, failure) => {
      const sim = await startSim();
      const heard = await hear(sim);
      sim.beginCall({ endpoint: 'acme-out', number: '15551234' }).fail(failure);
      await vi.waitFor(() => expect(heard().some(({ headers }) => headers[0]?.[1] === 'Hangup')).toBe(true));
      const tracker = new CallTracker(trunks);
      const findings = heard().flatMap((packet, index) => tracker.take(packet, { nowMs: index * 2_000, epochMs: 1 }));
      const outcomes = findings.map((finding) =>
        finding.kind === 'invite' ? finding.measurement.outcome : finding.kind,
      );
      const expected: Readonly<Record<string, readonly string[]>> = {
        unavailable: ['unanswered', 'call-ended'],
        timerB: ['unanswered', 'call-ended'],
        noReply: ['unanswered', 'call-ended'],
        cancelled: ['unanswered', 'call-ended'],
      };
      expect(outcomes).toEqual(['dialled', ...(expected[name] ?? ['answered', 'call-ended'])]);
    },
  );

  test('an answered call is listed while it lives, and cut short by a stop', async () => {
    const sim = await startSim();
    const heard = await hear(sim);
    const call = sim.beginCall({ endpoint: 'acme-out', number: '15551234' });
    call.ring();
    call.answer();
    expect(sim.calls.size).toBe(1);
    call.hangup();
    expect(sim.calls.size).toBe(0);
    await vi.waitFor(() => expect(heard().at(-1)?.headers[0]).toEqual(['Event', 'Hangup']));
    sim.beginCall({ endpoint: 'acme-out', number: '15551235' });
    await sim.restart();
    expect(sim.calls.size).toBe(0);
  });
});
