import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, MAX_FRAME_BYTES, parseHubFrame, parseProbeFrame } from '../../wire/codec.ts';

/** Frames written by hand from the contract, not by our encoder. */
const PROBE_FRAMES = {
  hello: `{"v":1,"type":"hello","probe":"probe-1","pbx":"fra-1","bootId":"0f3c2d1e-aaaa","machineId":"machine-01",
    "instanceId":"instance-1","softwareVersion":"0.1.0","configHash":"${'a'.repeat(64)}","sentAtMs":12.5,
    "sentAtEpochMs":1800000000000,"targets":[{"target":"a.a1","kind":"trunk","trunk":"a","edge":"a1"},
    {"target":"peer.ams-1","kind":"peer","peer":"ams-1"}],"trunks":["a"],"classes":["national"],"heldFence":3,
    "outboxPending":0,"plan":{"readAtEpochMs":1,"routes":[{"class":"national","raw":"scribble"}],"down":[]}}`,
  batch: `{"v":1,"type":"batch","sequence":0,"sentAtMs":1,"sentAtEpochMs":2,"measurements":[
    {"kind":"sip-options","target":"a.a1","sequence":4,"schedule":"loss","sentAtMs":1,"outcome":{"kind":"answered","rttMs":8.25,"statusCode":404}},
    {"kind":"icmp","target":"a.a1","sequence":4,"schedule":"liveness","sentAtMs":1,"outcome":{"kind":"timed-out","waitedMs":1000}},
    {"kind":"invite","trunk":"a","observedAtMs":1,"outcome":"answered","statusCode":183}]}`,
  event: `{"v":1,"type":"event","sequence":1,"outboxId":"outbox-01","occurredAtMs":1,"occurredAtEpochMs":2,
    "body":{"kind":"down-cleared","trunk":"a","reason":"10 answers in a row"}}`,
  'plan-result': `{"v":1,"type":"plan-result","fence":1,"version":2,"results":[{"class":"national","outcome":"applied",
    "readBack":"2:1.2:a/100"}],"finishedAtMs":1,"finishedAtEpochMs":2}`,
  'read-back': `{"v":1,"type":"read-back","plan":{"readAtEpochMs":1,"routes":[],"down":[{"trunk":"a","untilEpochMs":9}]}}`,
} as const;

const MODES =
  '{"stopped":false,"routing":"observe","spend":"observe","security":"observe","survival":"observe","classes":[]}';
const HUB_FRAMES = {
  welcome: `{"v":1,"type":"welcome","hubInstanceId":"hub-instance","fence":4,"sentAtEpochMs":1,"modes":${MODES}}`,
  refuse: '{"v":1,"type":"refuse","code":"bad-frame","reason":"/x: not so","fatal":false}',
  ack: '{"v":1,"type":"ack","outboxId":"outbox-01","sequence":7}',
  plan: `{"v":1,"type":"plan","fence":1,"version":2,"issuedAtEpochMs":1,"validUntilEpochMs":2,"routes":[
    {"class":"national","trunks":[{"trunk":"a","weight":0}],"mode":"enforce","reason":"r"}]}`,
  modes: `{"v":1,"type":"modes","fence":4,"modes":${MODES}}`,
  command: '{"v":1,"type":"command","commandId":"command-1","fence":1,"command":{"kind":"clear-down","trunk":"a"}}',
} as const;

describe('frames of a probe', () => {
  it.each(Object.entries(PROBE_FRAMES))('%s is read as it is written, and written as it was read', (type, text) => {
    const read = parseProbeFrame(text);
    if (!read.ok) throw new Error(read.fault.message);
    expect(read.frame.type).toBe(type);
    expect(JSON.parse(encodeFrame(read.frame))).toEqual(JSON.parse(text));
  });

  it.each([
    ['an unknown key', 'batch', '"sequence":0', '"sequence":0,"shell":"rm"', ''],
    ['an unknown measurement', 'batch', '"kind":"icmp"', '"kind":"rtp"', '/measurements'],
    ['a status that SIP does not have', 'batch', '404', '99', '/measurements'],
    ['a sequence beyond exact doubles', 'event', '"sequence":1', '"sequence":9007199254740993', '/sequence'],
    ['a fraction for a sequence', 'event', '"sequence":1', '"sequence":1.5', '/sequence'],
    ['a time before the epoch', 'event', '"occurredAtEpochMs":2', '"occurredAtEpochMs":-2', '/occurredAtEpochMs'],
    ['a name with a path in it', 'hello', '"pbx":"fra-1"', '"pbx":"../etc"', '/pbx'],
    ['a name with a line end', 'hello', '"pbx":"fra-1"', '"pbx":"fra-1\\n"', '/pbx'],
    ['a config hash in capitals', 'hello', 'a'.repeat(64), 'A'.repeat(64), '/configHash'],
    ['an empty route', 'plan-result', '"results":[{', '"results":[{"extra":1,', '/results'],
    ['a missing field', 'read-back', '"readAtEpochMs":1,', '', '/plan'],
    ['an event body of no known kind', 'event', 'down-cleared', 'run-command', '/body'],
  ] as const)('with %s are refused with the place', (_name, type, from, to, place) => {
    const text = PROBE_FRAMES[type].replace(from, to);
    expect(text).not.toBe(PROBE_FRAMES[type]);
    const read = parseProbeFrame(text);
    expect(read).toMatchObject({ ok: false, fault: { code: 'bad-field' } });
    if (!read.ok) expect(read.fault.place.startsWith(place)).toBe(true);
  });

  it.each([
    ['nothing', '', 'not-json'],
    ['half of it', PROBE_FRAMES.batch.slice(0, 40), 'not-json'],
    ['a list', '[]', 'bad-field'],
    ['null', 'null', 'bad-field'],
    ['a text', '"hello"', 'bad-field'],
    ['no version', '{"type":"batch"}', 'unknown-version'],
    ['a version of tomorrow', '{"v":2,"type":"batch"}', 'unknown-version'],
    ['a version as a text', '{"v":"1","type":"batch"}', 'unknown-version'],
    ['no type', '{"v":1}', 'unknown-type'],
    ['a type of the hub', '{"v":1,"type":"plan"}', 'unknown-type'],
    ['a type from the prototype', '{"v":1,"type":"constructor"}', 'unknown-type'],
    ['a version nested deep', `{"v":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 'unknown-version'],
    ['a type nested deep', `{"v":1,"type":${'[{"a":'.repeat(20_000)}1${'}]'.repeat(20_000)}}`, 'unknown-type'],
  ])('that are %s are refused by code', (_name, text, code) => {
    expect(parseProbeFrame(text)).toMatchObject({ ok: false, fault: { code } });
  });

  it('are bounded by their bytes, not their characters', () => {
    const room = MAX_FRAME_BYTES - '{"v":1,"type":"x","p":""}'.length;
    const frame = (pad: string) => parseProbeFrame(`{"v":1,"type":"x","p":"${pad}"}`);
    expect(frame('x'.repeat(room))).toMatchObject({ fault: { code: 'unknown-type' } });
    expect(frame('x'.repeat(room + 1))).toMatchObject({ fault: { code: 'too-large' } });
    expect(frame('ä'.repeat(room / 2 + 1))).toMatchObject({ fault: { code: 'too-large' } });
  });

  it('never make the reader throw, whatever comes', () => {
    const near = fc
      .constantFrom(...Object.values(PROBE_FRAMES))
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
          .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
        const read = parseProbeFrame(text);
        if (!read.ok) expect(read.fault.message.length).toBeLessThan(1000);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

describe('frames of a hub', () => {
  it.each(Object.entries(HUB_FRAMES))('%s is read as it is written', (type, text) => {
    const read = parseHubFrame(text);
    if (!read.ok) throw new Error(read.fault.message);
    expect(read.frame.type).toBe(type);
    expect(JSON.parse(encodeFrame(read.frame))).toEqual(JSON.parse(text));
  });

  it.each([
    ['a plan with a route of no trunk (rule 4)', 'plan', '[{"trunk":"a","weight":0}]', '[]'],
    ['a dial string beside a trunk (rule 10)', 'plan', '"weight":0}', '"weight":0,"dial":"PJSIP/x"}'],
    ['a command that is not in the list (rule 10)', 'command', '"kind":"clear-down"', '"kind":"shell"'],
    ['a command with a path (rule 10)', 'command', '"trunk":"a"}', '"trunk":"a","file":"/etc/passwd"}'],
    ['a trunk with characters for the dialplan (rule 10)', 'plan', '"trunk":"a"', '"trunk":"a&SIP/b"'],
    ['a fence below zero', 'ack', '"sequence":7', '"sequence":-7'],
  ] as const)('do not pass as %s', (_name, type, from, to) => {
    const text = HUB_FRAMES[type].replace(from, to);
    expect(text).not.toBe(HUB_FRAMES[type]);
    expect(parseHubFrame(text)).toMatchObject({ ok: false, fault: { code: 'bad-field' } });
  });
});
