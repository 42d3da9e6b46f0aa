import { describe, expect, it } from 'vitest';
import { greeted, livePbx, neverSeen } from '../../server/probe-status.ts';
import { helloFrame } from '../support/probe-frames.ts';

const READING = {
  eventLoopDelayP99Ms: 3.5,
  eventLoopDelayMaxMs: 9,
  selfProbeSent: 5,
  selfProbeLost: 0,
  missedSchedules: 1,
  droppedMeasurements: 17,
  intervalMs: 1000,
};

describe('the status of a probe', () => {
  it('is never-seen, with no figure made up, until its hello (rule 2)', () => {
    expect(livePbx(neverSeen('fra-1', 'fra', 500), false)).toEqual({
      pbx: 'fra-1',
      site: 'fra',
      probe: 'never-seen',
      sinceEpochMs: 500,
      isSick: false,
      droppedMeasurements: 0,
    });
  });

  it('takes from a hello who speaks, with which versions, and how far the clocks are apart', () => {
    const hello = helloFrame({ asteriskVersion: '22.1.0', sentAtEpochMs: 10_250.4 });
    const status = greeted(neverSeen('fra-1', 'fra', 500), hello, 10_000);
    expect(status.instanceId).toBe('instance-0001');
    expect(livePbx(status, true)).toEqual({
      pbx: 'fra-1',
      site: 'fra',
      probe: 'connected',
      sinceEpochMs: 10_000,
      isSick: true,
      droppedMeasurements: 0,
      asteriskVersion: '22.1.0',
      softwareVersion: '0.1.0',
      clockOffsetMs: 250,
    });
  });

  it('says why there is no Asterisk, and what only one of the two files knows', () => {
    const status = greeted(neverSeen('fra-1', 'fra', 500), helloFrame({ asteriskAway: 'login-refused' }), 10_000);
    const fileDifferences = ['its probe watches targets that the hub does not know, and that are not judged: z.z1'];
    expect(livePbx({ ...status, fileDifferences }, false)).toMatchObject({
      asteriskAway: 'login-refused',
      fileDifferences,
    });
  });

  it('shows the instrument as last read, and forgets it with the next hello', () => {
    const status = { ...greeted(neverSeen('fra-1', 'fra', 0), helloFrame(), 0), instrument: READING };
    expect(livePbx(status, false)).toMatchObject({
      eventLoopDelayP99Ms: 3.5,
      selfProbeSent: 5,
      selfProbeLost: 0,
      instrumentWindowMs: 1000,
      droppedMeasurements: 17,
    });
    expect('selfProbeRttMs' in livePbx(status, false)).toBe(false);
    const again = greeted(status, helloFrame({ instanceId: 'instance-0002' }), 1000);
    expect(livePbx(again, false)).toMatchObject({ droppedMeasurements: 0 });
    expect('eventLoopDelayP99Ms' in livePbx(again, false)).toBe(false);
  });

  it("shows the host's clock as its own time daemon says, and nothing while that is unknown", () => {
    const clock = { offsetMs: -0.4, errorMs: 3.1, source: 'chrony', isSynchronised: true } as const;
    const heard = greeted(neverSeen('fra-1', 'fra', 0), helloFrame(), 0);
    expect(livePbx({ ...heard, instrument: { ...READING, clock } }, false).hostClock).toEqual(clock);
    expect('hostClock' in livePbx({ ...heard, instrument: READING }, false)).toBe(false);
  });

  it('says that Asterisk is not reached by leaving its version out', () => {
    const status = greeted(neverSeen('fra-1', 'fra', 0), helloFrame(), 0);
    expect('asteriskVersion' in livePbx(status, false)).toBe(false);
  });
});
