import { describe, expect, it } from 'vitest';
import { contactHostPort, readContacts } from '../../../../probes/asterisk/qualify/contact-status.ts';
import { pollEveryMs, QualifySamples } from '../../../../probes/asterisk/qualify/qualify-samples.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

const TRUNK = { trunk: 'telco', endpoint: 'telco', edges: [{ edge: 'e1', hostPort: '10.77.1.2:5060' }] };
const CONTACT = { uri: 'sip:10.77.1.2', status: 'reachable', roundTripUs: 808, frequencyS: 10, timeoutS: 3 } as const;

describe('readContacts', () => {
  it('reads the contact of a real endpoint, with the interval of its AOR: the contact itself says 0', () => {
    expect(readContacts(readCapturedPackets('show-endpoint'))).toEqual([
      { uri: 'sip:10.77.1.2:5060', status: 'reachable', roundTripUs: 808, frequencyS: 2, timeoutS: 3 },
    ]);
  });

  it.each([
    ['QualifyFrequency', 'often'],
    ['QualifyFrequency', '-1'],
    ['QualifyFrequency', '1.5'],
    ['QualifyTimeout', '-1'],
  ])('passes over a contact whose %s is %j', (field, value) => {
    const headers = [
      ['Event', 'ContactStatusDetail'],
      ['URI', 'sip:192.0.2.1'],
      ['QualifyFrequency', '10'],
      ['QualifyTimeout', '3.000'],
    ].map(([name, text]) => [name ?? '', name === field ? value : (text ?? '')] as const);
    expect(readContacts([{ headers, wireBytes: 0 }])).toEqual([]);
  });
});

describe('contactHostPort', () => {
  it.each([
    ['sip:192.0.2.1', '192.0.2.1:5060'],
    ['sip:user@192.0.2.1:5080;transport=tcp', '192.0.2.1:5080'],
    ['sips:SBC.example.com', 'sbc.example.com:5060'],
    ['sip:user@[2001:db8::1]:5062', '[2001:db8::1]:5062'],
    ['tel:+123', undefined],
  ])('%s: %s', (uri, expected) => {
    expect(contactHostPort(uri)).toBe(expected);
  });
});

describe('QualifySamples', () => {
  it('tells each new round trip once, with its edge', () => {
    const samples = new QualifySamples();
    expect(samples.take(TRUNK, [CONTACT], 0)).toEqual([
      {
        kind: 'qualify',
        trunk: 'telco',
        edge: 'e1',
        observedAtMs: 0,
        status: 'reachable',
        rttMs: 0.808,
        frequencyS: 10,
        timeoutS: 3,
      },
    ]);
    expect(samples.take(TRUNK, [CONTACT], 5000)).toEqual([]);
    expect(samples.take(TRUNK, [{ ...CONTACT, roundTripUs: 500_900 }], 10_000)).toMatchObject([{ rttMs: 500.9 }]);
  });

  it('says every minute that the PBX still asks, without counting the old round trip again', () => {
    const samples = new QualifySamples();
    samples.take(TRUNK, [CONTACT], 0);
    const [again] = samples.take(TRUNK, [CONTACT], 60_000);
    expect(again).toMatchObject({ frequencyS: 10 });
    expect(again).not.toHaveProperty('rttMs');
  });

  it('an unreachable contact has no round trip', () => {
    const [sample] = new QualifySamples().take(TRUNK, [{ ...CONTACT, status: 'unreachable' }], 0);
    expect(sample).not.toHaveProperty('rttMs');
  });

  it('polls twice as often as the PBX asks, within 2 s and 30 s', () => {
    expect([[], [CONTACT], [{ ...CONTACT, frequencyS: 1 }]].map((contacts) => pollEveryMs(contacts))).toEqual([
      30_000, 5000, 2000,
    ]);
  });
});
