import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AmiClient } from '../../probes/asterisk/ami/ami-client.ts';
import { type CallFinding, CallTracker } from '../../probes/asterisk/calls/call-tracker.ts';
import { MediaWatch } from '../../probes/asterisk-media-runner.ts';
import { AsteriskPoll } from '../../probes/asterisk-poll-runner.ts';
import { AsteriskWatch } from '../../probes/asterisk-watch-runner.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import { SimAsterisk } from '../support/sim-asterisk.ts';

async function watched(
  prepare: (sim: SimAsterisk) => void = () => undefined,
  actionTimeoutMs = 5000,
  secret = 'secret-of-the-test',
) {
  const sim = new SimAsterisk({ asteriskVersion: '22.1.0' });
  prepare(sim);
  await sim.start();
  onTestFinished(() => sim.stop());
  const ami = new AmiClient({
    address: { host: '127.0.0.1', port: sim.port },
    username: 'probe',
    readSecret: () => secret,
    auth: 'md5',
    eventMask: 'system,call',
    timings: { actionTimeoutMs, reconnect: { firstMs: 20, maxMs: 20 } },
  });
  onTestFinished(() => ami.close());
  const told: EventBody[] = [];
  const ups: (boolean | 'lost')[] = [];
  const faults: string[] = [];
  const findings: CallFinding[] = [];
  const trunk = { trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', hostPort: '192.0.2.1:5060' }] };
  const calls = new CallTracker([trunk]);
  const clock = { aheadMs: 0, nowMs: () => performance.now() + clock.aheadMs, epochMs: () => Date.now() };
  const { nowMs } = clock;
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
    clock,
    onFinding: (finding) => findings.push(finding),
    onUp: (isFullyBooted) => ups.push(isFullyBooted),
    onLost: () => ups.push('lost'),
    emit: (body) => told.push(body),
    onFault,
  });
  ami.start();
  /** Lets the watch live through so many ms, and Asterisk say what it says to that. */
  const live = async (ms: number): Promise<void> => {
    clock.aheadMs += ms;
    watch.tick();
    await ami.action({ name: 'Ping', fields: [] });
  };
  const asked = (name: string) => sim.received.filter((action) => action.name === name).length;
  return { sim, ami, watch, told, ups, faults, findings, live, asked };
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
    const lost = { kind: 'asterisk-lost', reason: expect.stringContaining('AMI_'), away: 'disconnected' };
    expect(told).toEqual([CONNECTED, lost, CONNECTED]);
    expect(ups).toEqual([false, true, 'lost', false, true]);
  });

  it('that refuses the login is told so once, not with each attempt, and again where the reason is another', async () => {
    const { sim, ami, watch, told, ups } = await watched(undefined, 5000, 'not the secret');
    const refused = { kind: 'asterisk-lost', away: 'login-refused', wasReached: false };
    await vi.waitFor(() => expect(told).toEqual([expect.objectContaining(refused)]));
    let attempts = 0;
    ami.onState(({ kind }) => {
      if (kind === 'connecting') attempts += 1;
    });
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3));
    expect(told).toHaveLength(1);
    expect([watch.away, watch.version]).toEqual(['login-refused', undefined]);
    await sim.stop();
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ away: 'connect-failed', wasReached: false }));
    expect(ups).toEqual([]);
    ami.close();
  });

  it('that was reached and is stopped is told as lost, and not again for each attempt while it is away', async () => {
    const { sim, ami, watch, told } = await watched();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(watch.away).toBeUndefined();
    let attempts = 0;
    ami.onState(({ kind }) => {
      if (kind === 'connecting') attempts += 1;
    });
    await sim.stop();
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3));
    expect(told).toHaveLength(2);
    expect(watch.away).toBe('connect-failed');
  });

  it('that dies before it has said its version is not told as there after it is told as lost', async () => {
    const { sim, told } = await watched((asterisk) => asterisk.unanswered.add('coresettings'));
    await vi.waitFor(() => expect(sim.received.some(({ name }) => name === 'CoreSettings')).toBe(true));
    await sim.stop();
    const lost = { kind: 'asterisk-lost', reason: expect.any(String), away: 'disconnected' };
    await vi.waitFor(() => expect(told).toEqual([lost]));
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

  it('that stays silent to a question about its channels once is asked again half a minute later', async () => {
    const { sim, watch, told, faults, asked, live } = await watched((asterisk) => {
      asterisk.unanswered.add('corestatus');
    }, 200);
    await vi.waitFor(() => expect(told).toEqual([CONNECTED]));
    expect(watch.liveLegs).toBeUndefined();
    expect(faults).toEqual([expect.stringContaining('CoreStatus')]);
    sim.unanswered.clear();
    await live(20_000);
    expect(asked('CoreShowChannels')).toBe(1);
    await live(10_000);
    await vi.waitFor(() => expect(watch.liveLegs).toBe(0));
    await live(60_000);
    expect(asked('CoreShowChannels')).toBe(2);
    expect(told).toEqual([CONNECTED]);
  });

  it('that goes on to refuse its channels is asked each half minute, and the number stays unknown', async () => {
    const { watch, told, faults, asked, live } = await watched((asterisk) => {
      asterisk.forbidden.add('coreshowchannels');
    });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    await live(30_000);
    await live(1000);
    await live(30_000);
    expect(asked('CoreShowChannels')).toBe(3);
    expect(watch.liveLegs).toBeUndefined();
    expect(faults).toEqual([]);
  });

  it('that says its version only when asked again is told again, with it', async () => {
    const { sim, watch, told, live } = await watched((asterisk) => asterisk.unanswered.add('coresettings'), 200);
    await vi.waitFor(() => expect(told).toEqual([{ ...CONNECTED, version: 'unknown' }]));
    expect([watch.isConnected, watch.version, watch.away]).toEqual([true, undefined, 'unnamed']);
    sim.unanswered.clear();
    await live(30_000);
    await vi.waitFor(() => expect(told).toEqual([{ ...CONNECTED, version: 'unknown' }, CONNECTED]));
    expect([watch.version, watch.liveLegs]).toEqual(['22.1.0', 0]);
  });

  it('whose event filters go unanswered is asked for its version and its channels all the same', async () => {
    const { watch, told, faults } = await watched((asterisk) => asterisk.unanswered.add('filter'), 200);
    await vi.waitFor(() => expect(told).toEqual([CONNECTED]));
    expect(watch.liveLegs).toBe(0);
    expect(faults).toEqual([expect.stringContaining('Filter')]);
  });
});
