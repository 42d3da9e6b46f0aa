import { describe, expect, it } from 'vitest';
import { readRegistrations } from '../../../../probes/asterisk/registration/registration-status.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

describe('registrations of a real Asterisk 22', () => {
  const items = readCapturedPackets('show-registrations');

  it('belongs to the trunk of its endpoint, or to the one that names it', () => {
    const trunks = [
      { trunk: 'good', endpoint: 'telco', registration: undefined },
      { trunk: 'dead', endpoint: 'other', registration: 'reg-dead' },
      { trunk: 'none', endpoint: 'peer', registration: undefined },
    ];
    expect(readRegistrations(items, trunks, 5)).toEqual([
      { kind: 'registration', trunk: 'dead', observedAtMs: 5, state: 'rejected' },
      { kind: 'registration', trunk: 'good', observedAtMs: 5, state: 'registered' },
    ]);
  });

  it('says nothing of a trunk without any', () => {
    expect(readRegistrations(items, [{ trunk: 'x', endpoint: 'x', registration: undefined }], 0)).toEqual([]);
  });
});
