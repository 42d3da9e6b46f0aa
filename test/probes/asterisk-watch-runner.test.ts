import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AmiClient } from '../../probes/asterisk/ami/ami-client.ts';
import { type CallFinding, CallTracker } from '../../probes/asterisk/calls/call-tracker.ts';
import { MediaWatch } from '../../probes/asterisk-media-runner.ts';
import { AsteriskPoll } from '../../probes/asterisk-poll-runner.ts';
import { AsteriskWatch } from '../../probes/asterisk-watch-runner.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import { SimAsterisk } from '../support/sim-asterisk.ts';

async function watched(prepare: (sim: SimAsterisk) => void = () => undefined) {
  const sim = new SimAsterisk({ asteriskVersion: '22.1.0' });
  prepare(sim);
  await sim.start();
  onTestFinished(() => sim.stop());
  const ami = new AmiClient({
    address: { host: '127.0.0.1', port: sim.port },
    username: 'probe',
    readSecret: () => 'secret-of-the-test',
    auth: 'md5',
    eventMask: 'system,call',
    timings: { actionTimeoutMs: 5000, reconnect: { firstMs: 20, maxMs: 20 } },
  });
  onTestFinished(() => ami.close());
  const told: EventBody[] = [];
  const ups: (boolean | 'lost')[] = [];
  const faults: string[] = [];
  const findings: CallFinding[] = [];
  const trunk = { trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', hostPort: '192.0.2.1:5060' }] };
  const calls = new CallTracker([trunk]);
  const nowMs = () => performance.now();
  const onFault = (place: string, cause: unknown) => faults.push(`${place}: ${String(cause)}`);
  const none = () => undefined;
  const watch = new AsteriskWatch({
    ami,
    calls,
    media: new MediaWatch({ ami, calls, nowMs, onMedia: none, onUnreadable: none, onFault }),
    poll: new AsteriskPoll({
      ami,
      trunks: [{ ...trunk, registration: undefined }],
      nowMs,
      onMeasurement: none,
      onFault,
    }),
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    onFinding: (finding) => findings.push(finding),
    onUp: (isFullyBooted) => ups.push(isFullyBooted),
    onLost: () => ups.push('lost'),
    emit: (body) => told.push(body),
    onFault,
  });
  ami.start();
  return { sim, ami, watch, told, ups, faults, findings };
}

const CONNECTED = { kind: 'asterisk-connected', version: '22.1.0', fullyBooted: true };

describe('the Asterisk beside the probe', () => {
  it('is told once it is there, with its version, and AstDB is read at login and again at FullyBooted', async () => {
    const { watch, told, ups } = await watched();
    await vi.waitFor(() => expect(told).toEqual([CONNECTED]));
    expect(ups).toEqual([false, true]);
    expect(watch.version).toBe('22.1.0');
  });

  it('is not called booted before it says so, and told again when it does', async () => {
    const { sim, told, ups } = await watched((asterisk) => {
      asterisk.isFullyBooted = false;
    });
    await vi.waitFor(() => expect(told).toEqual([{ ...CONNECTED, fullyBooted: false }]));
    expect(ups).toEqual([false]);
    sim.finishBoot();
    await vi.waitFor(() => expect(told).toEqual([{ ...CONNECTED, fullyBooted: false }, CONNECTED]));
    expect(ups).toEqual([false, true]);
  });

  it('is told lost and back, each once, and its version is unknown between (rule 2)', async () => {
    const { sim, watch, told, ups } = await watched();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    await sim.stop();
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(watch.version).toBeUndefined();
    await sim.start();
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(told).toEqual([CONNECTED, { kind: 'asterisk-lost', reason: expect.stringContaining('AMI_') }, CONNECTED]);
    expect(ups).toEqual([false, true, 'lost', false, true]);
  });

  it('that dies before it has said its version is not told as there after it is told as lost', async () => {
    const { sim, told } = await watched((asterisk) => asterisk.unanswered.add('coresettings'));
    await vi.waitFor(() => expect(sim.received.some(({ name }) => name === 'CoreSettings')).toBe(true));
    await sim.stop();
    await vi.waitFor(() => expect(told).toEqual([{ kind: 'asterisk-lost', reason: expect.any(String) }]));
    sim.unanswered.clear();
    await sim.start();
    await vi.waitFor(() => expect(told.at(-1)).toEqual(CONNECTED));
    expect(told).toHaveLength(2);
  });

  it('that died has no live calls when it is back, and their end is told as unknown: none counts as completed or failed', async () => {
    const { sim, watch, told, findings } = await watched();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    sim.beginCall({ endpoint: 'telco-a', number: '+4930123' }).answer();
    const ringing = sim.beginCall({ endpoint: 'telco-a', number: '+4930124' });
    await vi.waitFor(() => expect(watch.liveLegs).toBe(2));
    findings.length = 0;
    await sim.restart();
    await vi.waitFor(() => expect(watch.liveLegs).toBe(0));
    expect(findings.map(({ kind }) => kind)).toEqual(['end-unknown', 'end-unknown']);
    expect(findings).toContainEqual(expect.objectContaining({ trunk: 'a', uniqueId: ringing.uniqueId }));
  });

  it('that is only cut off keeps its live calls', async () => {
    const { sim, watch, told, findings } = await watched();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    sim.beginCall({ endpoint: 'telco-a', number: '+4930123' }).answer();
    await vi.waitFor(() => expect(watch.liveLegs).toBe(1));
    sim.cut();
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(watch.liveLegs).toBe(1);
    expect(findings.map(({ kind }) => kind)).not.toContain('end-unknown');
  });

  it('that does not let us list its channels has an unknown number of live calls, and none of them is ended (rule 2)', async () => {
    const { sim, watch, told, findings } = await watched();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    sim.beginCall({ endpoint: 'telco-a', number: '+4930123' }).answer();
    await vi.waitFor(() => expect(watch.liveLegs).toBe(1));
    sim.forbidden.add('coreshowchannels');
    sim.cut();
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(watch.liveLegs).toBeUndefined();
    expect(findings.map(({ kind }) => kind)).not.toContain('end-unknown');
  });
});
