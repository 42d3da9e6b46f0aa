import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BAD_FRAMES, NEW_SESSION, receive } from '../../../server/ingest/probe-session.ts';
import { MAX_FRAME_BYTES } from '../../../wire/codec.ts';
import { batchFrame, eventFrame, helloFrame } from '../../support/probe-frames.ts';

const identity = { pbx: 'fra-1', probe: 'probe-1' };
const greeted = receive(NEW_SESSION, JSON.stringify(helloFrame()), identity).state;

describe('a probe session', () => {
  it('passes a hello on and remembers it', () => {
    const { state, effect } = receive(NEW_SESSION, JSON.stringify(helloFrame()), identity);
    expect(effect.kind).toBe('hello');
    expect(state.hello?.instanceId).toBe('instance-0001');
  });

  it('refuses a hello for another PBX than the token names (rule 10)', () => {
    const text = JSON.stringify(helloFrame({ pbx: 'ams-1' }));
    const { state, effect } = receive(NEW_SESSION, text, identity);
    expect(effect).toEqual({
      kind: 'refuse',
      code: 'unknown-pbx',
      reason: 'this token is for probe probe-1 on fra-1',
      isFatal: true,
    });
    expect(state.hello).toBeUndefined();
  });

  it.each([
    ['batch', batchFrame()],
    ['event', eventFrame()],
  ])('refuses a %s before the hello', (_name, frame) => {
    expect(receive(NEW_SESSION, JSON.stringify(frame), identity).effect).toMatchObject({
      code: 'hello-expected',
      isFatal: true,
    });
  });

  it.each([
    ['no JSON', '{', 'bad-frame', false],
    ['an array', '[]', 'bad-frame', false],
    ['an unknown type', '{"v":1,"type":"shell"}', 'bad-frame', false],
    ['an unknown key', JSON.stringify({ ...batchFrame(), extra: 1 }), 'bad-frame', false],
    ['a wire version of tomorrow', JSON.stringify({ ...batchFrame(), v: 7 }), 'unknown-version', true],
    ['too many bytes', JSON.stringify({ v: 1, type: 'batch', pad: 'x'.repeat(MAX_FRAME_BYTES) }), 'too-large', true],
  ])('answers %s with its reason and keeps the session', (_name, text, code, isFatal) => {
    const { state, effect } = receive(greeted, text, identity);
    expect(effect).toMatchObject({ kind: 'refuse', code, isFatal });
    expect(state.hello).toBe(greeted.hello);
  });

  it('names the place of a bad field', () => {
    const text = JSON.stringify({ ...batchFrame(), sequence: -1 });
    expect(receive(greeted, text, identity).effect).toMatchObject({ reason: expect.stringContaining('/sequence') });
  });

  it('ends a connection that sends nothing but bad frames', () => {
    let state = greeted;
    const fatal: boolean[] = [];
    for (let sent = 0; sent < MAX_BAD_FRAMES; sent++) {
      const next = receive(state, '?', identity);
      state = next.state;
      fatal.push(next.effect.kind === 'refuse' && next.effect.isFatal);
    }
    expect(fatal.indexOf(true)).toBe(MAX_BAD_FRAMES - 1);
  });

  it('never throws, whatever a probe sends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(JSON.stringify(helloFrame()))), (text) => {
        receive(greeted, text, identity);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
