import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { type AmiPacket, eventName, firstValue } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { type CallFinding, CallTracker } from '../../../../probes/asterisk/calls/call-tracker.ts';
import type { TrunkEndpoint } from '../../../../probes/asterisk/calls/provider-channel.ts';
import { Measurement } from '../../../../wire/measurement.ts';
import { EventBody } from '../../../../wire/probe-frames.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

const ENDPOINTS = ['answered', 'busy', 'notfound', 'unavailable', 'progress', 'noreply', 'ringing', 'trying'];
const TRUNKS: readonly TrunkEndpoint[] = [...ENDPOINTS, 'declined', 'refused', 'closed'].map((name) => ({
  trunk: `t-${name}`,
  endpoint: `prov-${name}`,
  edges: [
    { edge: 'e1', hostPort: '127.0.0.1:15071' },
    { edge: 'e2', hostPort: '127.0.0.1:15072' },
  ],
}));

/** Feeds packets at the times Asterisk stamped them with; the monotonic clock begins at 0 with the first stamp. */
function feedAll(tracker: CallTracker, packets: readonly AmiPacket[]): readonly CallFinding[] {
  const stamps = packets.map((packet) => Number(firstValue(packet, 'Timestamp') ?? 0) * 1000);
  const firstMs = stamps.find((stampMs) => stampMs > 0) ?? 0;
  let latestMs = firstMs;
  return packets.flatMap((packet, index) => {
    latestMs = Math.max(latestMs, stamps[index] ?? 0);
    return tracker.take(packet, { nowMs: latestMs - firstMs, epochMs: Math.round(latestMs) });
  });
}

/** What ends and answers told; that a call was dialled has a test of its own. */
type Told = Exclude<CallFinding, { readonly kind: 'dialled' }>;

function feed(tracker: CallTracker, packets: readonly AmiPacket[]): readonly Told[] {
  return feedAll(tracker, packets).filter((finding) => finding.kind !== 'dialled');
}

function replay(name: string): readonly Told[] {
  return feed(new CallTracker(TRUNKS), readCapturedPackets(name));
}

function brief(findings: readonly CallFinding[]): readonly string[] {
  return findings.map((finding) => {
    if (finding.kind === 'invite') {
      const { trunk, outcome, statusCode } = finding.measurement;
      return [trunk, outcome, statusCode].filter((part) => part !== undefined).join(' ');
    }
    if (finding.kind === 'end-unknown') return `${finding.trunk} end-unknown`;
    if (finding.kind === 'dialled') return `${finding.trunk} dialled`;
    const { trunk, answeredAtEpochMs, causeCode, statusCode } = finding.body;
    const answered = answeredAtEpochMs === undefined ? 'not answered' : 'answered';
    return `${trunk} ended, ${answered}, cause ${causeCode}, status ${statusCode ?? 'none'}`;
  });
}

describe('recorded calls of a real Asterisk 22', () => {
  test.each([
    ['answered', ['t-answered answered', 't-answered answered', 't-answered ended, answered, cause 16, status none']],
    [
      'dial-uri-answered',
      ['t-answered answered', 't-answered answered', 't-answered ended, answered, cause 16, status none'],
    ],
    ['busy', ['t-busy answered 486', 't-busy ended, not answered, cause 17, status 486']],
    ['notfound', ['t-notfound answered 404', 't-notfound ended, not answered, cause 1, status 404']],
    ['declined', ['t-declined answered 603', 't-declined ended, not answered, cause 21, status 603']],
    ['unavailable', ['t-unavailable unanswered 503', 't-unavailable ended, not answered, cause 34, status 503']],
    ['tcp-refused', ['t-refused unanswered 503', 't-refused ended, not answered, cause 34, status 503']],
    [
      'progress-then-500',
      ['t-progress answered', 't-progress answered 500', 't-progress ended, not answered, cause 38, status 500'],
    ],
    ['ring-timeout', ['t-ringing answered', 't-ringing ended, not answered, cause 0, status none']],
    ['ring-caller-cancels', ['t-ringing answered', 't-ringing ended, not answered, cause 16, status none']],
    ['no-reply', ['t-noreply unanswered', 't-noreply ended, not answered, cause 0, status none']],
    ['udp-closed', ['t-closed unanswered', 't-closed ended, not answered, cause 0, status none']],
    ['trying-then-timeout', ['t-trying unanswered', 't-trying ended, not answered, cause 0, status none']],
    ['timer-b', ['t-noreply unanswered 408', 't-noreply ended, not answered, cause 18, status 408']],
    ['inbound', []],
  ])('%s: %j', (name, expected) => {
    expect(brief(replay(name))).toEqual(expected);
  });

  test('nested Local channels count once, with the one provider leg', () => {
    const ended = replay('nested-local').filter(({ kind }) => kind === 'call-ended');
    expect(brief(ended)).toEqual(['t-answered ended, answered, cause 16, status none']);
  });

  test('a blind transfer to another outbound number is two provider legs of one Linkedid, each ended once', () => {
    const ended = replay('blind-transfer').flatMap((finding) => (finding.kind === 'call-ended' ? [finding.body] : []));
    expect(ended).toHaveLength(2);
    expect(new Set(ended.map(({ linkedId }) => linkedId)).size).toBe(1);
    expect(new Set(ended.map(({ uniqueId }) => uniqueId)).size).toBe(2);
    expect(ended.every(({ answeredAtEpochMs }) => answeredAtEpochMs !== undefined)).toBe(true);
  });

  test('times are those Asterisk stamped, and Linkedid and Uniqueid those of the provider channel', () => {
    const [body] = replay('answered').flatMap((finding) => (finding.kind === 'call-ended' ? [finding.body] : []));
    const stampOf = (wanted: string, state?: string): number => {
      const packet = readCapturedPackets('answered').find(
        (candidate) =>
          eventName(candidate) === wanted &&
          firstValue(candidate, 'Channel')?.startsWith('PJSIP/') &&
          (state === undefined || firstValue(candidate, 'ChannelState') === state),
      );
      return Math.round(Number(packet && firstValue(packet, 'Timestamp')) * 1000);
    };
    expect(body).toMatchObject({
      startedAtEpochMs: stampOf('Newchannel'),
      answeredAtEpochMs: stampOf('Newstate', '6'),
      endedAtEpochMs: stampOf('Hangup'),
    });
    expect(body?.uniqueId).not.toBe(body?.linkedId);
    expect(body).not.toHaveProperty('missedEvents');
  });

  test('the edge is known where the dial string holds a SIP URI, and not guessed elsewhere', () => {
    const edges = (name: string): readonly (string | undefined)[] =>
      replay(name).flatMap((finding) => (finding.kind === 'invite' ? [finding.measurement.edge] : []));
    expect(edges('dial-uri-answered')).toEqual(['e1', 'e1']);
    expect(edges('answered')).toEqual([undefined, undefined]);
  });

  test('a call that goes out is told at once, with its edge where the dial string holds one', () => {
    const dialled = (name: string) =>
      feedAll(new CallTracker(TRUNKS), readCapturedPackets(name)).filter(({ kind }) => kind === 'dialled');
    expect(dialled('no-reply')).toEqual([{ kind: 'dialled', trunk: 't-noreply', edge: undefined }]);
    expect(dialled('dial-uri-answered')).toEqual([{ kind: 'dialled', trunk: 't-answered', edge: 'e1' }]);
    expect(dialled('inbound')).toEqual([]);
  });

  test('everything found fits the wire schema', () => {
    const names = ['answered', 'busy', 'timer-b', 'no-reply', 'blind-transfer'];
    const seenFromTheEnd = readCapturedPackets('answered').filter((packet) => eventName(packet) === 'Hangup');
    const findings = [...names.flatMap(replay), ...feed(new CallTracker(TRUNKS), seenFromTheEnd)];
    const misfits = findings.filter((finding) => {
      if (finding.kind === 'invite') return !Check(Measurement, finding.measurement);
      return finding.kind === 'end-unknown' || !Check(EventBody, finding.body);
    });
    expect(findings.length).toBeGreaterThan(10);
    expect(misfits).toEqual([]);
  });

  test('channels of endpoints that are no trunk’s are nobody’s, and events of other kinds are counted', () => {
    const tracker = new CallTracker([]);
    expect(feed(tracker, readCapturedPackets('answered'))).toEqual([]);
    expect(tracker.ignoredEvents).toBeGreaterThan(5);
    expect(tracker.outboundLegs).toBe(0);
  });
});

describe('what a leg tells of itself (recorded)', () => {
  const TELCO: readonly TrunkEndpoint[] = [
    { trunk: 'telco', endpoint: 'telco', edges: [{ edge: 'e1', hostPort: '10.77.1.2:5060' }] },
    { trunk: 'direct', endpoint: 'telco-direct', edges: [{ edge: 'e2', hostPort: '10.77.1.2:5060' }] },
  ];
  const ends = (name: string) =>
    feed(new CallTracker(TELCO, ['national']), readCapturedPackets(name)).flatMap((finding) =>
      finding.kind === 'call-ended' ? [finding.body] : [],
    );

  test('the far end’s BYE is the provider’s doing; a hang-up here is this side’s', () => {
    expect(ends('far-end-hangs-up')).toMatchObject([{ trunk: 'telco', edge: 'e1', endedBy: 'provider' }]);
    expect(ends('media-echo')).toMatchObject([{ trunk: 'telco', endedBy: 'this-side' }]);
  });

  test('who ended an unanswered call: a refusal is the provider’s, a caller’s cancel ours, a 503 nobody’s for sure', () => {
    const endedBy = (name: string) =>
      replay(name).flatMap((finding) => (finding.kind === 'call-ended' ? [finding.body.endedBy] : []));
    expect(endedBy('busy')).toEqual(['provider']);
    expect(endedBy('ring-caller-cancels')).toEqual(['this-side']);
    expect(endedBy('unavailable')).toEqual([undefined]);
    expect(endedBy('timer-b')).toEqual([undefined]);
  });

  test('post-dial delay runs from the channel’s beginning to the first ringing or progress, not to the answer', () => {
    const [ringing, progress] = [...ends('forked-dial'), ...ends('media-early')].filter(
      ({ answeredAtEpochMs }) => answeredAtEpochMs !== undefined,
    );
    // Stamped 697.451733 (Newchannel) and 697.4572 (Newstate 5) in the recording.
    expect(ringing?.pddMs).toBeGreaterThan(5);
    expect(ringing?.pddMs).toBeLessThan(6);
    expect((ringing?.answeredAtEpochMs ?? 0) - (ringing?.startedAtEpochMs ?? 0)).toBeGreaterThan(2000);
    expect(progress?.pddMs).toBeLessThan(10);
    expect(replay('busy')[1]).not.toHaveProperty('body.pddMs');
  });

  test('a forked dial is two legs, each ended once, of which one was answered', () => {
    const bodies = ends('forked-dial');
    expect(bodies.map(({ trunk, answeredAtEpochMs }) => [trunk, answeredAtEpochMs !== undefined])).toEqual([
      ['direct', false],
      ['telco', true],
    ]);
    expect(bodies[0]).toMatchObject({ causeCode: 26, endedBy: 'this-side' });
  });

  test('an attended transfer is two provider legs, each ended once, and the Local channels of it are none', () => {
    const bodies = ends('attended-transfer');
    expect(bodies).toHaveLength(2);
    expect(new Set(bodies.map(({ uniqueId }) => uniqueId)).size).toBe(2);
    expect(bodies.every(({ answeredAtEpochMs }) => answeredAtEpochMs !== undefined)).toBe(true);
  });

  test('a call that came in is live and has its answer, and its end is not told as one of ours', () => {
    const tracker = new CallTracker(TELCO);
    const packets = readCapturedPackets('media-inbound');
    const hangupAt = packets.findIndex((packet) => eventName(packet) === 'Hangup');
    feed(tracker, packets.slice(0, hangupAt));
    expect(tracker.liveLegs).toBe(1);
    expect(tracker.outboundLegs).toBe(0);
    expect(tracker.legs()[0]).toMatchObject({ edge: 'e1', answeredAtMs: expect.any(Number) });
    expect(feed(tracker, packets.slice(hangupAt))).toEqual([]);
    expect(tracker.liveLegs).toBe(0);
  });

  test.each([
    ['trunkward-dial', 'national', 'national'],
    ['trunkward-dial', 'of-somebody-else', undefined],
    ['from-internal', 'national', undefined],
    ['trunkward-outbound', '112', 'emergency'],
  ])('dialled in context %s at %s: class %s', (context, exten, expected) => {
    const packets = readCapturedPackets('media-echo').map((packet): AmiPacket => {
      const headers = packet.headers.map(([key, value]): [string, string] => {
        if (eventName(packet) !== 'DialBegin') return [key, value];
        return [key, key === 'Context' ? context : key === 'Exten' ? exten : value];
      });
      return { ...packet, headers };
    });
    const [body] = feed(new CallTracker(TELCO, ['national']), packets).flatMap((finding) =>
      finding.kind === 'call-ended' ? [finding.body] : [],
    );
    expect(body?.class).toBe(expected);
  });
});

describe('missed events (safety rule 2: unknown ends no call)', () => {
  const packets = readCapturedPackets('answered');
  const hangupAt = packets.findIndex(
    (packet) => eventName(packet) === 'Hangup' && firstValue(packet, 'Channel')?.startsWith('PJSIP/'),
  );
  const moment = { nowMs: 9_000, epochMs: 1_795_500_500_000 };
  const listed = readCapturedPackets('core-show-channels').filter((packet) => eventName(packet) === 'CoreShowChannel');

  test('a lost connection ends nothing; the Hangup that comes later does, once', () => {
    const tracker = new CallTracker(TRUNKS);
    feed(tracker, packets.slice(0, hangupAt));
    tracker.markGap();
    expect(tracker.outboundLegs).toBe(1);
    const ended = feed(tracker, packets.slice(hangupAt));
    expect(brief(ended)).toEqual(['t-answered ended, answered, cause 16, status none']);
    expect(ended[0]).toMatchObject({ body: { missedEvents: true } });
    expect(feed(tracker, packets.slice(hangupAt))).toEqual([]);
  });

  test('a leg that Asterisk no longer lists is said to be of unknown end, once, and its Hangup still counts', () => {
    const tracker = new CallTracker(TRUNKS);
    feed(tracker, packets.slice(0, hangupAt));
    tracker.markGap();
    expect(brief(tracker.reconcile(listed, moment))).toEqual(['t-answered end-unknown']);
    expect(tracker.reconcile(listed, moment)).toEqual([]);
    expect(brief(feed(tracker, packets.slice(hangupAt)))).toHaveLength(1);
  });

  test('with no channel at all after the gap every leg is of unknown end and none is live', () => {
    const tracker = new CallTracker(TRUNKS);
    feed(tracker, packets.slice(0, hangupAt));
    tracker.markGap();
    expect(brief(tracker.reconcile([], moment))).toEqual(['t-answered end-unknown']);
    expect([tracker.liveLegs, tracker.outboundLegs]).toEqual([0, 0]);
    expect(tracker.reconcile([], moment)).toEqual([]);
  });

  test('without a gap a list proves nothing: the call may be younger than the list', () => {
    const tracker = new CallTracker(TRUNKS);
    feed(tracker, packets.slice(0, hangupAt));
    expect(tracker.reconcile(listed, moment)).toEqual([]);
  });

  test('a list adopts outbound legs and leaves inbound ones alone', () => {
    const tracker = new CallTracker(TRUNKS);
    tracker.reconcile(listed, moment);
    expect(tracker.outboundLegs).toBe(2);
    const hangups = listed.map((item): AmiPacket => {
      const headers = item.headers.filter(([key]) => key !== 'Event');
      return { headers: [['Event', 'Hangup'], ...headers, ['Cause', '16']], wireBytes: 0 };
    });
    const ended = feed(tracker, hangups).flatMap((finding) => (finding.kind === 'call-ended' ? [finding.body] : []));
    expect(ended.map(({ trunk }) => trunk).toSorted()).toEqual(['t-answered', 't-ringing']);
    expect(
      ended.every(({ missedEvents, answeredAtEpochMs }) => missedEvents === true && answeredAtEpochMs === undefined),
    ).toBe(true);
    expect(
      ended.map(({ uniqueId, startedAtEpochMs }) => Number(uniqueId.split('.')[0]) * 1000 - startedAtEpochMs),
    ).toEqual([0, 0]);
  });

  test('a call of which only the end was seen is told as such, with the start that its Uniqueid says', () => {
    const [hangup] = packets.slice(hangupAt);
    const ended = feed(new CallTracker(TRUNKS), hangup === undefined ? [] : [hangup]);
    const uniqueId = (hangup && firstValue(hangup, 'Uniqueid')) ?? '';
    expect(ended).toMatchObject([
      { kind: 'call-ended', body: { missedEvents: true, startedAtEpochMs: Number(uniqueId.split('.')[0]) * 1000 } },
    ]);
  });

  test('the end of an unseen call that may have come in is not told', () => {
    const inbound = readCapturedPackets('inbound').filter((packet) => eventName(packet) === 'Hangup');
    expect(inbound).toHaveLength(1);
    expect(feed(new CallTracker(TRUNKS), inbound)).toEqual([]);
  });

  test('silence with a gap in it is no evidence against the edge', () => {
    const silent = readCapturedPackets('no-reply');
    const beginAt = silent.findIndex((packet) => firstValue(packet, 'DestChannel')?.startsWith('PJSIP/'));
    const tracker = new CallTracker(TRUNKS);
    feed(tracker, silent.slice(0, beginAt + 1));
    tracker.markGap();
    expect(feed(tracker, silent.slice(beginAt + 1)).map(({ kind }) => kind)).toEqual(['call-ended']);
  });

  test('a DialEnd alone tells of the answer when every state before it was missed', () => {
    const tracker = new CallTracker(TRUNKS);
    const sparse = packets.filter((packet) => !['Newstate', 'DialState'].includes(eventName(packet) ?? ''));
    expect(brief(feed(tracker, sparse))).toEqual([
      't-answered answered',
      't-answered ended, answered, cause 16, status none',
    ]);
  });
});

describe('events that lack what they should have', () => {
  const at = { nowMs: 1, epochMs: 1_795_500_500_000 };
  const bare = (...headers: [string, string][]): AmiPacket => ({ headers, wireBytes: 0 });

  test.each([
    'Newchannel',
    'DialBegin',
    'DialState',
    'DialEnd',
    'Newstate',
    'SoftHangupRequest',
    'HangupRequest',
    'Hangup',
    'CoreShowChannel',
  ])('%s without any header finds nothing', (name) => {
    const tracker = new CallTracker(TRUNKS);
    expect(tracker.take(bare(['Event', name]), at)).toEqual([]);
    expect(tracker.reconcile([bare(['Event', name]), bare(['Uniqueid', '1.1'])], at)).toEqual([]);
    expect(tracker.outboundLegs).toBe(0);
  });

  test('a packet that is no event, and a Uniqueid that holds no time, harm nothing', () => {
    const tracker = new CallTracker(TRUNKS);
    expect(tracker.take(bare(['Response', 'Success']), at)).toEqual([]);
    const channel: [string, string] = ['Channel', 'PJSIP/prov-busy-00000001'];
    tracker.take(bare(['Event', 'DialBegin'], ['DestChannel', channel[1]], ['DestUniqueid', 'x']), at);
    const ended = tracker.take(bare(['Event', 'Hangup'], channel, ['Uniqueid', 'x'], ['Cause', '999']), at);
    expect(ended).toEqual([
      {
        kind: 'call-ended',
        body: {
          kind: 'call-ended',
          linkedId: 'x',
          uniqueId: 'x',
          trunk: 't-busy',
          startedAtEpochMs: at.epochMs,
          endedAtEpochMs: at.epochMs,
          missedEvents: true,
        },
      },
    ]);
  });

  test('a listed provider channel without its Linkedid, state and a Uniqueid of time is adopted as it is', () => {
    const tracker = new CallTracker(TRUNKS);
    const channel: [string, string] = ['Channel', 'PJSIP/prov-busy-00000001'];
    tracker.reconcile(
      [bare(channel, ['Uniqueid', 'x']), bare(channel, ['Uniqueid', 'y'], ['Application', 'AppDial2'])],
      at,
    );
    expect(tracker.outboundLegs).toBe(1);
    const ended = ['x', 'y'].flatMap((id) => tracker.take(bare(['Event', 'Hangup'], channel, ['Uniqueid', id]), at));
    expect(ended).toMatchObject([{ body: { uniqueId: 'y', linkedId: 'y', startedAtEpochMs: at.epochMs } }]);
  });

  test('a Timestamp far from the arrival is not believed', () => {
    const tracker = new CallTracker(TRUNKS);
    const hangup = readCapturedPackets('answered').filter((packet) => eventName(packet) === 'Hangup');
    const [finding] = hangup.flatMap((packet) => tracker.take(packet, { nowMs: 1, epochMs: 1_800_000_000_000 }));
    expect(finding).toMatchObject({ body: { endedAtEpochMs: 1_800_000_000_000 } });
  });
});

describe('bounded memory', () => {
  const at = { nowMs: 1, epochMs: 1_795_500_500_000 };
  const newchannel = (index: number): AmiPacket => ({
    headers: [
      ['Event', 'Newchannel'],
      ['Channel', `PJSIP/prov-busy-${index.toString(16).padStart(8, '0')}`],
      ['ChannelState', '0'],
      ['Uniqueid', `1795500500.${index}`],
      ['Linkedid', `1795500500.${index}`],
    ],
    wireBytes: 0,
  });
  const listedAlone: AmiPacket = { headers: [['Uniqueid', '1795500500.2']], wireBytes: 0 };

  test('past the most legs, those reported missing go first, then the oldest', () => {
    const tracker = new CallTracker(TRUNKS, [], 3);
    for (const index of [1, 2, 3]) tracker.take(newchannel(index), at);
    tracker.markGap();
    expect(brief(tracker.reconcile([listedAlone], at))).toHaveLength(2);
    tracker.take(newchannel(4), at);
    tracker.take(newchannel(5), at);
    expect(tracker.outboundLegs).toBe(3);
    tracker.take(newchannel(6), at);
    expect(tracker.outboundLegs).toBe(3);
  });

  test('ended calls are remembered only for a while', () => {
    const tracker = new CallTracker(TRUNKS);
    for (let index = 1; index <= 2_000; index += 1) {
      const packet = newchannel(index);
      tracker.take(packet, at);
      tracker.take({ ...packet, headers: [['Event', 'Hangup'], ...packet.headers.slice(1)] }, at);
    }
    expect(tracker.outboundLegs).toBe(0);
  });
});

describe('an Asterisk that gives no TechCause (before the end of 2025)', () => {
  const older = (name: string): readonly string[] => {
    const packets = readCapturedPackets(name).map((packet): AmiPacket => {
      return { ...packet, headers: packet.headers.filter(([key]) => key !== 'TechCause') };
    });
    const tracker = new CallTracker(TRUNKS);
    const findings = packets.flatMap((packet, index) => tracker.take(packet, { nowMs: index * 1_000, epochMs: 1 }));
    return findings.flatMap((finding) => (finding.kind === 'invite' ? [finding.measurement.outcome] : []));
  };

  test.each([
    ['busy', ['answered']],
    ['declined', []],
    ['notfound', []],
    ['unavailable', []],
    ['timer-b', ['unanswered']],
    ['no-reply', ['unanswered']],
  ])('%s, however slow: %j', (name, outcomes) => {
    expect(older(name)).toEqual(outcomes);
  });
});

describe('an end made by Asterisk itself', () => {
  test('a final status after our own hang-up request is not the edge’s', () => {
    const tracker = new CallTracker(TRUNKS);
    const busy = readCapturedPackets('busy');
    const at = busy.findIndex((packet) => eventName(packet) === 'HangupRequest');
    const own = busy[at]?.headers.map(([key, value]) => [key, key === 'Event' ? 'SoftHangupRequest' : value] as const);
    const findings = feed(tracker, [
      ...busy.slice(0, at),
      { headers: own ?? [], wireBytes: 0 },
      ...busy.slice(at, at + 1),
    ]);
    expect(findings).toEqual([]);
  });

  test('a dial event that trails the Hangup brings no leg back', () => {
    const tracker = new CallTracker(TRUNKS);
    const busy = readCapturedPackets('busy');
    feed(tracker, busy);
    feed(
      tracker,
      busy.filter((packet) => eventName(packet) === 'DialBegin'),
    );
    expect(tracker.outboundLegs).toBe(0);
  });
});
