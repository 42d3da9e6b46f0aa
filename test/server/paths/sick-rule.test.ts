import { describe, expect, it } from 'vitest';
import { PATH_POLICY } from '../../../server/paths/path-policy.ts';
import { instrumentFault } from '../../../server/paths/sick-rule.ts';
import { instrument } from './measured.ts';

describe('sick rule (safety rule 1)', () => {
  it.each([
    ['sound', {}, undefined],
    ['no self-probe sent in the interval', { selfProbeSent: 0 }, undefined],
    ['event loop late', { eventLoopDelayP99Ms: 150.04 }, 'event-loop delay p99 150 ms exceeds 100 ms'],
    ['event loop stalled', { eventLoopDelayMaxMs: 1500 }, 'event loop stalled 1500 ms, more than 1000 ms'],
    ['self-probe lost', { selfProbeSent: 2, selfProbeLost: 1 }, 'self-probe lost 1 of 2 on loopback'],
    ['self-probe slow', { selfProbeRttMs: 101 }, 'self-probe took 101 ms, more than 100 ms'],
  ])('%s', (_name, parts, fault) => {
    expect(instrumentFault(instrument(parts), PATH_POLICY.sick)).toBe(fault);
  });
});
