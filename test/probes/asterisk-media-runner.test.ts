import { Check } from 'typebox/value';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AmiClient } from '../../probes/asterisk/ami/ami-client.ts';
import { CallTracker } from '../../probes/asterisk/calls/call-tracker.ts';
import { MediaWatch } from '../../probes/asterisk-media-runner.ts';
import { AsteriskPoll } from '../../probes/asterisk-poll-runner.ts';
import { AsteriskWatch } from '../../probes/asterisk-watch-runner.ts';
import { Measurement } from '../../wire/measurement.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import { SimAsterisk } from '../support/sim-asterisk.ts';

/** The probe's whole side of Asterisk on a simulated PBX, with time that the test moves. */
async function watched() {
  const sim = new SimAsterisk();
  await sim.start();
  onTestFinished(() => sim.stop());
  const ami = new AmiClient({
    address: { host: '127.0.0.1', port: sim.port },
    username: 'probe',
    readSecret: () => 'secret-of-the-test',
    auth: 'md5',
    eventMask: 'system,call,reporting',
  });
  onTestFinished(() => ami.close());
  const trunk = { trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', hostPort: '192.0.2.1:5060' }] };
  const calls = new CallTracker([trunk], ['national']);
  const told: Measurement[] = [];
  const events: EventBody[] = [];
  const faults: string[] = [];
  const clock = { atMs: 1_000_000 };
  const nowMs = () => clock.atMs;
  const onFault = (place: string, cause: unknown) => faults.push(`${place}: ${String(cause)}`);
  const onMeasurement = (measurement: Measurement) => told.push(measurement);
  const onUnreadable = (field: string) => faults.push(field);
  const media = new MediaWatch({ ami, calls, nowMs, onMedia: onMeasurement, onUnreadable, onFault });
  const trunks = [{ ...trunk, registration: undefined }];
  const poll = new AsteriskPoll({ ami, trunks, nowMs, onMeasurement, onFault });
  const watch = new AsteriskWatch({
    ami,
    calls,
    media,
    poll,
    clock: { nowMs, epochMs: () => Date.now() },
    onFinding: (finding) => {
      if (finding.kind === 'call-ended') events.push(finding.body);
    },
    onUp: () => undefined,
    onLost: () => undefined,
    emit: (body) => events.push(body),
    onFault,
  });
  ami.start();
  await vi.waitFor(() => expect(events).toHaveLength(1));
  const settled = async (count: number) => await vi.waitFor(() => expect(told).toHaveLength(count));
  onTestFinished(() => {
    expect(faults).toEqual([]);
    expect(told.filter((measurement) => !Check(Measurement, measurement))).toEqual([]);
  });
  return { sim, watch, calls, media, poll, told, events, clock, settled };
}

const CLEAN = { received: { expected: 250, lost: 0 }, sent: { expected: 250, lost: 0 } };

async function answeredCall(fleet: Awaited<ReturnType<typeof watched>>) {
  const call = fleet.sim.beginCall({ endpoint: 'telco-a', number: '+4930123', className: 'national' });
  await vi.waitFor(() => expect(fleet.calls.legs()[0]?.class).toBe('national'));
  fleet.clock.atMs += 800;
  call.ring();
  call.answer();
  await vi.waitFor(() => expect(fleet.calls.legs()[0]?.answeredAtMs).toBeDefined());
  return call;
}

describe('the media of calls on a simulated PBX', () => {
  it('counts the first interval by what Asterisk says it has counted, and the next by differences', async () => {
    const fleet = await watched();
    const call = await answeredCall(fleet);
    fleet.clock.atMs += 5000;
    call.passMedia({ received: { expected: 250, lost: 20, jitterTicks: 16 }, sent: { expected: 250, lost: 0 } });
    await fleet.settled(1);
    fleet.clock.atMs += 5000;
    call.passMedia({ received: { expected: 250, lost: 5, jitterTicks: 16 }, sent: { expected: 250, lost: -1 } });
    await fleet.settled(3);
    const shared = { kind: 'rtp-call', trunk: 'a', edge: 'a1', class: 'national', leg: 0, codec: 'ulaw' } as const;
    const inOrder = fleet.told.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
    expect(inOrder.filter((entry) => entry.kind === 'rtp-call' && entry.direction === 'received')).toMatchObject([
      { ...shared, expected: 250, lost: 20, intervalMs: 5000, jitterMs: 2, clockRateHz: 8000 },
      { ...shared, expected: 250, lost: 5, intervalMs: 5000, jitterMs: 2 },
    ]);
    expect(fleet.told.filter((entry) => entry.kind === 'rtp-call' && entry.direction === 'sent')).toMatchObject([
      { ...shared, expected: 250, lost: -1, rttMs: 20 },
    ]);
  });

  it('a packet that this PBX never sent is not the provider’s loss: holes of the other leg are taken off', async () => {
    const fleet = await watched();
    const call = await answeredCall(fleet);
    for (let round = 0; round < 3; round += 1) {
      fleet.clock.atMs += 5000;
      call.passMedia({ received: { expected: 250, lost: 0 }, sent: { expected: 250, lost: 27, holes: 25 } });
      await fleet.settled(1 + 2 * round);
    }
    const sent = fleet.told.flatMap((entry) =>
      entry.kind === 'rtp-call' && entry.direction === 'sent' ? [entry] : [],
    );
    // The first five holes are within the slack of the two counts.
    expect(sent.map(({ expected, lost }) => [expected, lost])).toEqual([
      [230, 7],
      [225, 2],
    ]);
  });

  it('an unanswered question leaves the first interval unknown, and the call is measured from the second on', async () => {
    const fleet = await watched();
    fleet.sim.unanswered.add('status');
    const call = await answeredCall(fleet);
    fleet.clock.atMs += 5000;
    call.passMedia(CLEAN);
    await vi.waitFor(() => expect(fleet.sim.received.some(({ name }) => name === 'Status')).toBe(true));
    fleet.clock.atMs += 5000;
    call.passMedia(CLEAN);
    await fleet.settled(2);
    expect(fleet.told).toMatchObject([{ expected: 250 }, { expected: 250 }]);
    expect(fleet.told[0]).not.toHaveProperty('codec');
  });

  it('a long call without any report is blind, and says so once', async () => {
    const fleet = await watched();
    const call = await answeredCall(fleet);
    fleet.media.tick();
    fleet.clock.atMs += 16_000;
    fleet.media.tick();
    await fleet.settled(1);
    fleet.media.tick();
    call.hangup();
    await vi.waitFor(() => expect(fleet.calls.liveLegs).toBe(0));
    expect(fleet.told).toMatchObject([{ kind: 'rtp-call-blind', because: 'no-rtcp', trunk: 'a', edge: 'a1' }]);
  });

  it('live legs are counted while Asterisk is heard, and unknown while it is not (rule 2)', async () => {
    const fleet = await watched();
    expect(fleet.watch.liveLegs).toBe(0);
    await answeredCall(fleet);
    expect(fleet.watch.liveLegs).toBe(1);
    await fleet.sim.stop();
    await vi.waitFor(() => expect(fleet.watch.liveLegs).toBeUndefined());
  });

  it('a call that ends before its first report is too short', async () => {
    const fleet = await watched();
    const call = await answeredCall(fleet);
    call.hangup();
    await fleet.settled(1);
    expect(fleet.told).toMatchObject([{ kind: 'rtp-call-blind', because: 'too-short' }]);
  });

  it('reports of a channel that is no trunk’s are passed over and counted', async () => {
    const fleet = await watched();
    const call = fleet.sim.beginCall({ endpoint: 'phone-7', number: '100' });
    call.answer();
    call.passMedia(CLEAN);
    await vi.waitFor(() => expect(fleet.media.foreignReports).toBe(2));
    expect(fleet.told).toEqual([]);
  });

  it('the end of a call says its class, its post-dial delay, and that the provider ended it', async () => {
    const fleet = await watched();
    const call = await answeredCall(fleet);
    call.endByProvider();
    await vi.waitFor(() => expect(fleet.events).toHaveLength(2));
    expect(fleet.events[1]).toMatchObject({
      kind: 'call-ended',
      edge: 'a1',
      class: 'national',
      pddMs: 800,
      endedBy: 'provider',
    });
  });
});

describe('what is polled of a simulated PBX', () => {
  it('tells each new qualify once, with the interval of its AOR', async () => {
    const fleet = await watched();
    const contact = { uri: 'sip:192.0.2.1:5060', status: 'Reachable', roundTripUs: 12_000, frequencyS: 10 } as const;
    fleet.sim.contacts.set('telco-a', contact);
    fleet.poll.tick();
    await fleet.settled(1);
    fleet.clock.atMs += 5000;
    fleet.sim.contacts.set('telco-a', { ...contact, roundTripUs: 512_000 });
    fleet.poll.tick();
    await fleet.settled(2);
    expect(fleet.told).toMatchObject([
      { kind: 'qualify', trunk: 'a', edge: 'a1', status: 'reachable', rttMs: 12, frequencyS: 10, timeoutS: 3 },
      { kind: 'qualify', rttMs: 512 },
    ]);
  });

  it('a registration that is lost is asked for at the event, not a minute later', async () => {
    const fleet = await watched();
    fleet.sim.registrations.set('telco-a', 'Registered');
    fleet.poll.tick();
    await fleet.settled(1);
    fleet.sim.register('telco-a', 'Rejected');
    await vi.waitFor(() => {
      fleet.poll.tick();
      expect(fleet.told).toHaveLength(2);
    });
    expect(fleet.told).toMatchObject([
      { state: 'registered' },
      { kind: 'registration', trunk: 'a', state: 'rejected' },
    ]);
  });
});
