import { describe, expect, it } from 'vitest';
import { foldSenderCount, packetsAt } from '../../../../probes/asterisk/rtcp/sender-count.ts';

describe('the count of a sender between its reports', () => {
  it('goes on as fast as the last two reports say', () => {
    const first = foldSenderCount(undefined, 1000, 0, undefined);
    expect(packetsAt(first, 100)).toBeUndefined();
    const second = foldSenderCount(first, 1250, 5000, undefined);
    expect(packetsAt(second, 5000)).toBe(1250);
    expect(packetsAt(second, 7500)).toBe(1375);
  });

  it('is known from the first report on where its beginning is', () => {
    expect(packetsAt(foldSenderCount(undefined, 250, 6000, 1000), 6100)).toBe(255);
  });

  it('stands still after a receiver report: that side sends nothing now', () => {
    const sending = foldSenderCount(undefined, 250, 6000, 1000);
    expect(packetsAt(foldSenderCount(sending, undefined, 11_000, 1000), 15_000)).toBe(250);
  });

  it('a count that falls, or goes faster than any codec, says nothing of its pace', () => {
    const sending = foldSenderCount(undefined, 250, 6000, 1000);
    expect(packetsAt(foldSenderCount(sending, 3, 11_000, undefined), 11_000)).toBeUndefined();
    expect(packetsAt(foldSenderCount(undefined, 5000, 6000, 5900), 6000)).toBeUndefined();
  });
});
