import { describe, expect, it } from 'vitest';
import { addDelta, KEPT_DELTAS, missedSince, newFeed } from '../../../server/live/live-feed.ts';
import { livePath } from '../../../server/live/live-picture.ts';
import type { LiveChange } from '../../../wire/live.ts';
import { health } from '../routing/judged.ts';

const entry = (id: number): LiveChange => ({
  kind: 'journal',
  value: { id, atEpochMs: 0, kind: 'note', actor: 'hub', sentence: `entry ${id}` },
});

function feedOf(deltas: number) {
  let feed = newFeed();
  for (let id = 1; id <= deltas; id++) feed = addDelta(feed, [entry(id)], id).feed;
  return feed;
}

describe('the live feed', () => {
  it('numbers deltas without a gap', () => {
    const feed = feedOf(3);
    expect(feed.kept.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('gives a view that comes back exactly what it missed', () => {
    expect(missedSince(feedOf(5), 3)?.map(({ sequence }) => sequence)).toEqual([4, 5]);
    expect(missedSince(feedOf(5), 5)).toEqual([]);
  });

  it.each([
    ['one that is too far behind', KEPT_DELTAS + 50, 3],
    ['one from another life of the hub, ahead of this one', 5, 9],
  ])('asks for a snapshot for %s', (_name, deltas, sequence) => {
    expect(missedSince(feedOf(deltas), sequence)).toBeUndefined();
  });

  it('keeps a bounded number of deltas', () => {
    expect(feedOf(KEPT_DELTAS + 50).kept).toHaveLength(KEPT_DELTAS);
  });

  it('keeps only the last of several changes to one thing, but every journal entry', () => {
    const hub = (startedAtEpochMs: number): LiveChange => ({
      kind: 'hub',
      value: {
        hubInstanceId: 'h',
        softwareVersion: '0',
        startedAtEpochMs,
        isStopped: false,
        fleetRoutingMode: 'observe',
        isJournalWritable: true,
        role: 'viewer',
      },
    });
    const { delta } = addDelta(newFeed(), [hub(1), entry(1), entry(2), hub(2)], 0);
    expect(delta.changes).toEqual([entry(1), entry(2), hub(2)]);
  });

  it('tells of a thing that went and came back within one delta only that it is there', () => {
    const there: LiveChange = { kind: 'path', value: livePath(health('fra-1', 'a.a1', 'healthy')) };
    const gone: LiveChange = { kind: 'gone', value: { of: 'path', key: there.value.key } };
    expect(addDelta(newFeed(), [gone, there], 0).delta.changes).toEqual([there]);
    expect(addDelta(newFeed(), [there, gone], 0).delta.changes).toEqual([gone]);
  });
});
