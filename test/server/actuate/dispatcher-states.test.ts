import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ListedDestination, readDispatcherList } from '../../../server/actuate/dispatcher-list.ts';
import { planStates, stateWord } from '../../../server/actuate/dispatcher-states.ts';

const DESTINATIONS = [
  { trunk: 'a', uri: 'sip:192.0.2.1:5060' },
  { trunk: 'b', uri: 'sip:192.0.2.2:5060' },
  { trunk: 'c', uri: 'sip:192.0.2.3:5060' },
];

/** `a20+ b10-`: a of priority 20 open, b of 10 closed. */
function held(text: string): readonly ListedDestination[] {
  return text.split(' ').map((part) => {
    const [, trunk, priority, sign] = /^([abc])(\d+)([+-])$/.exec(part) ?? [];
    const uri = DESTINATIONS.find((each) => each.trunk === trunk)?.uri ?? '';
    return { uri, isOpen: sign === '+', isActive: sign === '+', isProbed: true, priority: Number(priority) };
  });
}

function route(text: string) {
  return text.split(',').map((part) => {
    const [trunk = '', weight] = part.split('/');
    return { trunk, weight: Number(weight) };
  });
}

const trunkOf = (uri: string) => DESTINATIONS.find((each) => each.uri === uri)?.trunk;

describe('which destinations of a dispatcher set are closed', () => {
  it.each([
    ['none while the first is the first', 'a20+ b10+ c5+', 'a/100,b/0,c/0', ''],
    ['those before the first trunk, which the ones behind back up', 'a20+ b10+ c5+', 'b/100,c/0,a/0', 'a'],
    ['all before the last', 'a20+ b10+ c5+', 'c/100,b/0,a/0', 'a b'],
    ['what has a share before the first: it would get every call', 'a20+ b10+ c5+', 'b/95,a/5,c/0', 'a'],
    ['what stands beside the first without a share', 'a10+ b10+ c10+', 'b/100,a/0,c/0', 'a c'],
    ['not what stands beside the first with a share', 'a10+ b10+ c10+', 'b/95,a/5,c/0', 'c'],
    ['what was closed stays so', 'a20- b10+ c5+', 'b/100,c/0,a/0', 'a'],
  ])('%s', (_name, listed, planned, closed) => {
    const plan = planStates(1, DESTINATIONS, route(planned), held(listed));
    expect(plan.ok && plan.closed.map(trunkOf).join(' ')).toBe(closed);
  });

  it('opens before it closes', () => {
    const plan = planStates(1, DESTINATIONS, route('b/100,a/0,c/0'), held('a20+ b10- c5-'));
    expect(plan.ok && plan.changes.map(({ isOpen, trunk }) => `${trunk} ${isOpen}`)).toEqual([
      'b true',
      'c true',
      'a false',
    ]);
  });

  it.each([
    ['no such set', undefined, 'the dispatcher has no set 1'],
    ['no destination of the first trunk', held('a20+ c5+'), 'set 1 holds no destination of b'],
    ['another unknown destination', held('a20+ b10+'), 'set 1 does not hold sip:192.0.2.3:5060'],
  ])('nothing where there is %s (rule 4)', (_name, listed, reason) => {
    expect(planStates(1, DESTINATIONS, route('b/100,a/0,c/0'), listed)).toEqual({ ok: false, reason });
  });

  it('never the first trunk, whatever priorities and states (rule 4)', () => {
    const destination = fc.record({ priority: fc.integer({ min: 0, max: 3 }), isOpen: fc.boolean() });
    fc.assert(
      fc.property(
        fc.tuple(destination, destination, destination),
        fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 3 }),
        (list, order) => {
          const listed = list.map((each, at) => ({
            ...each,
            uri: DESTINATIONS[at]?.uri ?? '',
            isActive: true,
            isProbed: false,
          }));
          const plan = planStates(
            1,
            DESTINATIONS,
            order.map((trunk, at) => ({ trunk, weight: at === 0 ? 100 : 0 })),
            listed,
          );
          expect(plan.ok && plan.closed.map(trunkOf)).not.toContain(order[0]);
        },
      ),
    );
  });

  it('keeps a destination probed that was', () => {
    expect([
      stateWord({ isOpen: false, isProbed: true }),
      stateWord({ isOpen: true, isProbed: true }),
      stateWord({ isOpen: false, isProbed: false }),
      stateWord({ isOpen: true, isProbed: false }),
    ]).toEqual(['dp', 'ap', 'd', 'a']);
  });
});

/** `dispatcher.list` of Kamailio 5.6.3, one destination disabled by hand, one added by RPC. */
const LISTED = `{"NRSETS":1,"RECORDS":[{"SET":{"ID":1,"TARGETS":[
  {"DEST":{"URI":"sip:127.0.0.1:5071","FLAGS":"DX","PRIORITY":20,"ATTRS":{"BODY":"duid=a","DUID":"a","MAXLOAD":0,"WEIGHT":0,"RWEIGHT":0,"SOCKET":null,"SOCKNAME":null,"OBPROXY":null}}},
  {"DEST":{"URI":"sip:127.0.0.1:5072","FLAGS":"AX","PRIORITY":10,"ATTRS":{"BODY":"duid=b","DUID":"b","MAXLOAD":0,"WEIGHT":0,"RWEIGHT":0,"SOCKET":null,"SOCKNAME":null,"OBPROXY":null}}},
  {"DEST":{"URI":"sip:127.0.0.1:5073","FLAGS":"AX","PRIORITY":0}}]}}]}`;

describe("a dispatcher's list", () => {
  it('is read as Kamailio 5.6.3 wrote it', () => {
    const shared = { isProbed: false };
    expect(readDispatcherList(JSON.parse(LISTED))?.get(1)).toEqual([
      { ...shared, uri: 'sip:127.0.0.1:5071', isOpen: false, isActive: false, priority: 20 },
      { ...shared, uri: 'sip:127.0.0.1:5072', isOpen: true, isActive: true, priority: 10 },
      { ...shared, uri: 'sip:127.0.0.1:5073', isOpen: true, isActive: true, priority: 0 },
    ]);
  });

  it('whose probing has given a destination up is open: that is the edge’s own matter', () => {
    const text = LISTED.replace('"DX"', '"IP"');
    expect(readDispatcherList(JSON.parse(text))?.get(1)?.[0]).toMatchObject({
      isOpen: true,
      isActive: false,
      isProbed: true,
    });
  });

  it('cut off or of another form is none, and never throws', () => {
    expect(readDispatcherList(JSON.parse(LISTED.replace('"AX"', '"??"')))).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (value) => readDispatcherList(value) === undefined));
  });
});
