// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { describe, expect, test } from 'vitest';
import type { DialplanInput } from '../../../../probes/asterisk/dialplan/input.ts';
import { renderDialplan } from '../../../../probes/asterisk/dialplan/render.ts';
import { parseRouteValue } from '../../../../wire/route-value.ts';
import { exampleInput } from './example-input.ts';

function rendered(input: DialplanInput): string {
  const result = renderDialplan(input);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.text;
}

/** Steps of one extension as `App(…)`, labels and priorities taken off. */
function stepsOf(text: string, context: string, pattern: string): readonly string[] {
  const body = text.split(`[${context}]\n`)[1]?.split('\n\n')[0] ?? '';
  const after = body.split(`exten => ${pattern},1,`)[1]?.split('\nexten =>')[0] ?? '';
  return after.split('\n').map((line) => line.replace(/^ same => n(?:\([a-z]+\))?,/, ''));
}

describe('the emergency extension', () => {
  test('dials its own list with nothing before the first Dial but caller ID', () => {
    expect(stepsOf(rendered(exampleInput()), 'trunkward-outbound', '112')).toEqual([
      'Set(TRUNKWARD_CALLER=${CALLERID(num)})',
      'Set(CALLERID(num)=+4930555000)',
      'Dial(PJSIP/112@beta-endpoint,20,i)',
      'Set(CALLERID(num)=${TRUNKWARD_CALLER})',
      'Dial(PJSIP/alpha/sip:112@10.0.1.10:5060,,i)',
      'Set(CALLERID(num)=${TRUNKWARD_CALLER})',
      'Hangup(${HANGUPCAUSE})',
    ]);
  });

  test('neither reads AstDB nor jumps, so nothing can delay it', () => {
    const steps = stepsOf(rendered(exampleInput()), 'trunkward-outbound', '112').join('\n');
    expect(steps).not.toMatch(/DB\(|Goto|Gosub|AGI|CURL/);
  });
});

describe('a class', () => {
  test('names its trunks in static order with weight 0, and their attempt extensions', () => {
    expect(stepsOf(rendered(exampleInput()), 'trunkward-class', '_49!')).toEqual([
      'Set(TRUNKWARD_CLASS=national)',
      'Set(TRUNKWARD_NAMES=alpha/beta)',
      'Set(TRUNKWARD_IDS=1/2)',
      'Set(TRUNKWARD_STATIC=alpha/0,beta/0)',
      'Set(TRUNKWARD_CLASS_CEILING=)',
      'Goto(trunkward-route,s,1)',
    ]);
  });

  test('has one pattern for each prefix, and what fits none is refused', () => {
    const text = rendered(exampleInput());
    expect(text).toContain('exten => _4915!,1,Set(TRUNKWARD_CLASS=mobile)');
    expect(stepsOf(text, 'trunkward-class', 'i')).toEqual([
      'UserEvent(TrunkwardRefused,Reason: no-class)',
      'Hangup(21)',
    ]);
  });
});

describe('an attempt', () => {
  test('uses the trunk number template, caller ID and time-out, edge by edge', () => {
    expect(stepsOf(rendered(exampleInput()), 'trunkward-attempt', '3')).toEqual([
      'Set(TRUNKWARD_TRUNK=gamma)',
      'GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} = 0]?cheap)',
      'Set(TRUNKWARD_PRICE=)',
      'GotoIf($[${LEN(${TRUNKWARD_PRICE})} = 0]?dear)',
      'GotoIf($[${TRUNKWARD_PRICE} > ${TRUNKWARD_CEILING_NOW}]?dear)',
      'Set(TRUNKWARD_NEXT=408|500|502|503|504)',
      'Set(TRUNKWARD_EARLY=0)',
      'Set(CALLERID(num)=${TRUNKWARD_CALLER})',
      'Set(TRUNKWARD_OPTIONS=i)',
      'Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(PJSIP/gamma/sip:9711#${TRUNKWARD_E164}@10.0.3.1,30))',
      'GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
      'Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(PJSIP/gamma/sip:9711#${TRUNKWARD_E164}@[2001:db8::3]:5061\\;transport=tls,30))',
      'GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
      'Return(${GOSUB_RETVAL})',
      'UserEvent(TrunkwardTooDear,Trunk: gamma,Class: ${TRUNKWARD_CLASS})',
      'Return(next)',
    ]);
  });
});

test('the same input gives the same text', () => {
  expect(rendered(exampleInput())).toBe(rendered(exampleInput()));
});

test('nothing answers the call', () => {
  expect(rendered(exampleInput())).not.toMatch(/Answer\(|Progress\(|Playback\(|Ringing\(/);
});

test('every label that is jumped to exists in its extension', () => {
  for (const context of rendered(exampleInput()).split('\n\n')) {
    for (const body of context.split('\nexten => ')) {
      const labels = new Set([...body.matchAll(/(?:n|,1)\(([a-z]+)\),/g)].map(([, label]) => label));
      const jumps = [...body.matchAll(/Goto(?:If)?\((?:\$\[.*\]\?)?([a-z]+)\)$/gm)].map(([, label]) => label);
      for (const label of jumps) expect(labels, `${label} in ${body.slice(0, 40)}`).toContain(label);
    }
  }
});

test('the include accepts exactly the route values that the wire contract accepts', () => {
  const grammar = /REGEX\("(\^2:[^"]*)" /.exec(rendered(exampleInput()))?.[1];
  const values = [
    '2:7.42:alpha/70,beta/30',
    '2:0.0:a/0',
    '2:7.42:a-1/1000',
    '',
    '2:7.42:',
    '2:7.42',
    '1:7.42:alpha/1',
    '22:7.42:alpha/1',
    '2:7:alpha/1',
    '2:a.b:alpha/1',
    '2:7.42:alpha',
    '2:7.42:alpha/',
    '2:7.42:alpha/1001',
    '2:7.42:-a/1',
    '2:7.42:alpha/1,',
    '2:7.42:alpha/1,,beta/1',
    '2:7.42:alpha/1 ',
    '2:7.42:ALPHA/1',
    '2:7.42:alpha/-1',
    '2:7.42:alpha/1:x',
  ];
  const accepted = values.filter((value) => new RegExp(grammar ?? '$^').test(value));
  expect(accepted).toEqual(values.filter((value) => parseRouteValue(value).ok));
  expect(accepted).toHaveLength(3);
});
