import { describe, expect, it } from 'vitest';
import { readReport } from './report.ts';

const target = { name: 'flip', value: 2900, bound: 3000, holds: true };
const line = { bench: 'failover', metrics: { maxMs: 2900 }, peers: { qualify: 7000 }, targets: [target] };

describe('the line that ends a bench', () => {
  it('is good when every target holds and every peer has a figure', () => {
    expect(readReport('failover', `run 1\n${JSON.stringify(line)}\n`).faults).toEqual([]);
  });

  it.each([
    ['no JSON at the end', `${JSON.stringify(line)}\ndone`, 'its last line is not JSON'],
    ['another bench', JSON.stringify({ ...line, bench: 'blame' }), 'its last line does not say bench failover'],
    ['no peers', JSON.stringify({ ...line, peers: undefined }), 'its last line lacks metrics, peers or targets'],
    ['a peer that was not run', JSON.stringify({ ...line, peers: { qualify: null } }), 'peer qualify was not run'],
  ])('fails with %s', (_, output, fault) => {
    expect(readReport('failover', output).faults).toEqual([fault]);
  });

  it('fails with a target that does not hold, and shows it', () => {
    const missed = { ...target, value: 3100, holds: false };
    const { faults } = readReport('failover', JSON.stringify({ ...line, targets: [target, missed] }));
    expect(faults).toEqual([`target does not hold: ${JSON.stringify(missed)}`]);
  });
});
