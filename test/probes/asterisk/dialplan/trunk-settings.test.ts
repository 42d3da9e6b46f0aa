// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../../../config-document.ts';
import { checkDialplanInput } from '../../../../probes/asterisk/dialplan/check.ts';
import type { DialplanInput, DialTrunk } from '../../../../probes/asterisk/dialplan/input.ts';
import { renderDialplan } from '../../../../probes/asterisk/dialplan/render.ts';
import { readProbeConfig } from '../../../../probes/config.ts';
import { exampleInput } from './example-input.ts';

/** The example with its first trunk changed. */
function withFirst(changes: Partial<DialTrunk>, others: Partial<DialplanInput> = {}): DialplanInput {
  const [first, ...rest] = exampleInput().trunks;
  return { ...exampleInput(), ...others, trunks: first === undefined ? rest : [{ ...first, ...changes }, ...rest] };
}

/** The lines of one context, its name first. */
function contextOf(input: DialplanInput, name: string): readonly string[] {
  const result = renderDialplan(input);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  const body = result.text.split('\n\n').find((part) => part.startsWith(`[${name}]\n`));
  return body?.trimEnd().split('\n') ?? [];
}

/** The lines of trunk 1 among the attempts. */
function firstAttempt(input: DialplanInput): readonly string[] {
  const lines = contextOf(input, 'trunkward-attempt').slice(1);
  const end = lines.findIndex((line) => line.startsWith('exten => 2,'));
  return lines.slice(0, end);
}

const TENANTS = {
  rule: 'tenant',
  numbers: { acme: '+4930555001', 'big-co': '+4930555002' },
  otherwise: '+4930555000',
} as const;

describe('who calls', () => {
  test('a map of tenants is a context of exact extensions, hyphens as _, and a pattern that takes all others', () => {
    expect(contextOf(withFirst({ callerId: TENANTS }), 'trunkward-caller-1')).toEqual([
      '[trunkward-caller-1]',
      'exten => t_acme,1,Return(+4930555001)',
      'exten => t_big_co,1,Return(+4930555002)',
      'exten => _t_!,1,Return(+4930555000)',
    ]);
  });

  test('the tenant is read once at the entry, for ordinary and for emergency calls, and what is no name becomes empty', () => {
    const input = withFirst({ callerId: TENANTS }, { tenant: { from: 'accountcode' } });
    const steps = [
      ' same => n,Set(TRUNKWARD_TENANT=${CHANNEL(accountcode)})',
      ' same => n,Set(TRUNKWARD_TENANT=${REPLACE(TRUNKWARD_TENANT,-,_)})',
      ' same => n,ExecIf($[${LEN(${TRUNKWARD_TENANT})} > 32]?Set(TRUNKWARD_TENANT=))',
      ' same => n,ExecIf($[${LEN(${FILTER(a-z0-9_,${TRUNKWARD_TENANT})})} != ${LEN(${TRUNKWARD_TENANT})}]?Set(TRUNKWARD_TENANT=))',
    ].join('\n');
    const entry = contextOf(input, 'trunkward-outbound').join('\n');
    expect(entry.split(steps)).toHaveLength(4);
    expect(contextOf(exampleInput(), 'trunkward-outbound').join('\n')).not.toContain('TENANT');
  });

  test('P-Asserted-Identity and codecs are set on the provider’s channel, in emergency calls too', () => {
    const input = withFirst({
      codecs: ['g722', 'alaw'],
      assertedIdentity: { callerId: { rule: 'fixed', number: '+4930111' }, domain: 'sip.example.net' },
      capacity: { calls: 30 },
    });
    const offer = [
      'Set(PJSIP_MEDIA_OFFER(audio)=!all,g722,alaw)',
      ' same => n,GotoIf($[${LEN(${ARG1})} = 0]?bare)',
      ' same => n,Set(PJSIP_HEADER(add,P-Asserted-Identity)=<sip:${ARG1}@sip.example.net>)',
      ' same => n,GotoIf($["${ARG2}" != "1"]?bare)',
      ' same => n,Set(PJSIP_HEADER(add,Privacy)=id)',
      ' same => n(bare),Return()',
    ];
    const [first = '', ...rest] = offer;
    expect(contextOf(input, 'trunkward-leg')).toEqual([
      '[trunkward-leg]',
      'exten => 1,1,Set(GROUP(trunkward)=alpha)',
      ' same => n,ExecIf($[${GROUP_COUNT(alpha@trunkward)} > 30]?SoftHangup(${CHANNEL(name)}))',
      ` same => n,${first}`,
      ...rest,
      `exten => e1,1,${first}`,
      ...rest,
    ]);
    expect(firstAttempt(input)).toEqual(
      expect.arrayContaining([
        ' same => n,Set(TRUNKWARD_ASSERTED=+4930111)',
        ' same => n,Set(TRUNKWARD_WITHHELD=$["${CALLERID(num-pres):0:6}" = "prohib"])',
        ' same => n,Set(TRUNKWARD_OPTIONS=ib(trunkward-leg^1^1(${TRUNKWARD_ASSERTED}^${TRUNKWARD_WITHHELD})))',
      ]),
    );
    expect(contextOf(input, 'trunkward-outbound')).toContain(
      ' same => n,Dial(PJSIP/alpha/sip:112@10.0.1.10:5060,,ib(trunkward-leg^e1^1(${TRUNKWARD_ASSERTED}^${TRUNKWARD_WITHHELD})))',
    );
  });

  test('no leg is prepared where nothing is to be done on it', () => {
    expect(contextOf(exampleInput(), 'trunkward-leg')).toEqual([]);
  });
});

describe('what is dialled', () => {
  test('numbers of one country are written its own way, all others by the template', () => {
    const lines = firstAttempt(
      withFirst({ numberTemplate: '00{e164}', national: { countryCode: '49', template: '0{national}' } }),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        ' same => n,Set(TRUNKWARD_SENT=00${TRUNKWARD_E164})',
        ' same => n,ExecIf($["${TRUNKWARD_E164:0:2}" = "49"]?Set(TRUNKWARD_SENT=0${TRUNKWARD_E164:2}))',
        ' same => n,Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(PJSIP/alpha/sip:${TRUNKWARD_SENT}@10.0.1.10:5060,30))',
      ]),
    );
  });

  test('a Local trunk is dialled once, in its context, whatever edges are measured', () => {
    const edges = [{ edge: 'e1' }, { edge: 'e2' }];
    const dials = firstAttempt(withFirst({ localContext: 'site-b', edges })).filter((line) => /Gosub/.test(line));
    expect(dials).toEqual([
      ' same => n,Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(Local/+${TRUNKWARD_E164}@site-b/n,30))',
    ]);
  });

  test('edges drawn at random go round the list from the one that is drawn, each once', () => {
    const edges = [{ edge: 'e1' }, { edge: 'e2', dialUri: 'sip:{number}@10.0.1.11' }];
    const lines = firstAttempt(withFirst({ edges, edgeChoice: 'random' }));
    const from = lines.findIndex((line) => line.includes('EDGES_LEFT=2'));
    expect(lines.slice(from, from + 13)).toEqual([
      ' same => n,Set(TRUNKWARD_EDGES_LEFT=2)',
      ' same => n,Set(TRUNKWARD_EDGE=${RAND(1,2)})',
      ' same => n,GotoIf($[${TRUNKWARD_EDGE} = 2]?edgeb)',
      ' same => n(edgea),Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(PJSIP/+${TRUNKWARD_E164}@alpha,30))',
      ' same => n,GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
      ' same => n,Set(TRUNKWARD_EDGES_LEFT=$[${TRUNKWARD_EDGES_LEFT} - 1])',
      ' same => n,GotoIf($[${TRUNKWARD_EDGES_LEFT} = 0]?done)',
      ' same => n(edgeb),Gosub(trunkward-dial,${TRUNKWARD_CLASS},1(PJSIP/alpha/sip:+${TRUNKWARD_E164}@10.0.1.11,30))',
      ' same => n,GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
      ' same => n,Set(TRUNKWARD_EDGES_LEFT=$[${TRUNKWARD_EDGES_LEFT} - 1])',
      ' same => n,GotoIf($[${TRUNKWARD_EDGES_LEFT} = 0]?done)',
      ' same => n,Goto(edgea)',
      ' same => n(done),Return(${GOSUB_RETVAL})',
    ]);
  });
});

describe('whether it is dialled', () => {
  test('room is looked at before the leg, pace is counted under a lock', () => {
    const lines = firstAttempt(withFirst({ capacity: { calls: 30, callsPerS: 5 } }));
    const from = lines.findIndex((line) => line.includes('GROUP_COUNT'));
    expect(lines.slice(from, from + 9)).toEqual([
      ' same => n,GotoIf($[0${GROUP_COUNT(alpha@trunkward)} >= 30]?full)',
      ' same => n,Set(TRUNKWARD_LOCKED=${LOCK(TRUNKWARD_LOCK_1)})',
      ' same => n,Set(TRUNKWARD_SECOND=${EPOCH})',
      ' same => n,ExecIf($["${GLOBAL(TRUNKWARD_SECOND_1)}" != "${TRUNKWARD_SECOND}"]?Set(GLOBAL(TRUNKWARD_COUNT_1)=0))',
      ' same => n,Set(GLOBAL(TRUNKWARD_SECOND_1)=${TRUNKWARD_SECOND})',
      ' same => n,Set(TRUNKWARD_BEGUN=$[0${GLOBAL(TRUNKWARD_COUNT_1)} + 1])',
      ' same => n,Set(GLOBAL(TRUNKWARD_COUNT_1)=${TRUNKWARD_BEGUN})',
      ' same => n,Set(TRUNKWARD_LOCKED=${UNLOCK(TRUNKWARD_LOCK_1)})',
      ' same => n,GotoIf($[${TRUNKWARD_BEGUN} > 5]?full)',
    ]);
    expect(lines.slice(-2)).toEqual([
      ' same => n(full),UserEvent(TrunkwardFull,Trunk: alpha)',
      ' same => n,Return(next)',
    ]);
  });

  test('prices are looked at in each attempt, by class', () => {
    const lines = firstAttempt(withFirst({ pricesMicrosPerMinute: { national: 9000, mobile: 60_000 } }));
    expect(lines.slice(1, 7)).toEqual([
      ' same => n,GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} = 0]?cheap)',
      ' same => n,Set(TRUNKWARD_PRICE=)',
      ' same => n,ExecIf($["${TRUNKWARD_CLASS}" = "national"]?Set(TRUNKWARD_PRICE=9000))',
      ' same => n,ExecIf($["${TRUNKWARD_CLASS}" = "mobile"]?Set(TRUNKWARD_PRICE=60000))',
      ' same => n,GotoIf($[${LEN(${TRUNKWARD_PRICE})} = 0]?dear)',
      ' same => n,GotoIf($[${TRUNKWARD_PRICE} > ${TRUNKWARD_CEILING_NOW}]?dear)',
    ]);
  });

  test('own rules of rerouting change the table for that trunk alone', () => {
    const input = withFirst({ reroute: { next: [480, 403], final: [500], afterEarlyMedia: true } });
    const lines = contextOf(input, 'trunkward-attempt').filter((line) => /_NEXT=|_EARLY=/.test(line));
    expect(lines.map((line) => line.replace(/^ same => n(?:\(cheap\))?,/, ''))).toEqual([
      'Set(TRUNKWARD_NEXT=403|408|480|502|503|504)',
      'Set(TRUNKWARD_EARLY=1)',
      'Set(TRUNKWARD_NEXT=408|500|502|503|504)',
      'Set(TRUNKWARD_EARLY=0)',
      'Set(TRUNKWARD_NEXT=408|500|502|503|504)',
      'Set(TRUNKWARD_EARLY=0)',
    ]);
  });

  test('emergency calls know no ceiling, no room and no drawn edge', () => {
    const input = withFirst({
      capacity: { calls: 1, callsPerS: 1 },
      pricesMicrosPerMinute: { national: 1 },
      edgeChoice: 'random',
    });
    const emergency = contextOf(input, 'trunkward-outbound').join('\n').split('exten => _X!')[0] ?? '';
    expect(emergency).toContain('Dial(PJSIP/alpha/sip:112@10.0.1.10:5060,,i)');
    expect(emergency).not.toMatch(/CEILING|PRICE|GROUP|LOCK|RAND|GotoIf/);
  });
});

describe('a setting that Asterisk could take for something else is refused with its place', () => {
  const cases: readonly (readonly [path: string, changes: Partial<DialTrunk>])[] = [
    ['trunks[0].national.countryCode', { national: { countryCode: '49)', template: '0{national}' } }],
    ['trunks[0].national.template', { national: { countryCode: '49', template: '0{national}&x' } }],
    ['trunks[0].callerId.numbers.acme', { callerId: { ...TENANTS, numbers: { acme: '1)' } } }],
    ['trunks[0].callerId.numbers', { callerId: { ...TENANTS, numbers: { 'a,1,System(id)': '+4930' } } }],
    ['trunks[0].callerId.numbers', { callerId: { ...TENANTS, numbers: {} } }],
    ['trunks[0].callerId.otherwise', { callerId: { ...TENANTS, otherwise: '${SHELL(id)}' } }],
    ['trunks[0].assertedIdentity.domain', { assertedIdentity: { callerId: { rule: 'pass' }, domain: 'a>\r\nX: y' } }],
    ['trunks[0].codecs[0]', { codecs: ['alaw,ulaw'] }],
    ['trunks[0].localContext', { localContext: 'a/n,60,g' }],
    ['trunks[0].localContext', { localContext: 'trunkward-route', edges: [{ edge: 'e1' }] }],
    ['trunks[0].capacity.calls', { capacity: { calls: 1.5 } }],
    ['trunks[0].capacity.callsPerS', { capacity: { callsPerS: 0 } }],
    ['trunks[0].reroute.next[0]', { reroute: { next: [600], final: [], afterEarlyMedia: false } }],
    ['trunks[0].reroute.next[0]', { reroute: { next: [302], final: [], afterEarlyMedia: false } }],
    ['trunks[0].reroute.final[0]', { reroute: { next: [], final: [200], afterEarlyMedia: false } }],
    ['trunks[0].pricesMicrosPerMinute.national', { pricesMicrosPerMinute: { national: -1 } }],
    ['trunks[0].pricesMicrosPerMinute', { pricesMicrosPerMinute: { nowhere: 1 } }],
  ];
  test.each(cases)('%s in %j', (path, changes) => {
    expect(checkDialplanInput(withFirst(changes)).map((fault) => fault.path)).toContain(path);
  });

  test.each(['tenant', 'A}', 'TRUNKWARD_E164', 'A'.repeat(41)])('tenant.variable = %s', (variable) => {
    const faults = checkDialplanInput({ ...exampleInput(), tenant: { from: 'variable', variable } });
    expect(faults.map(({ path }) => path)).toEqual(['tenant.variable']);
  });
});

test('the example of docs/dialplan.md renders, with a context for its tenants and its Local trunk', () => {
  const url = new URL('../../../../docs/examples/probe-dialplan.yaml', import.meta.url);
  const document = readDocument(readFileSync(url, 'utf8'));
  const read = readProbeConfig(document.ok ? document.document : undefined);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  expect(contextOf(read.config, 'trunkward-caller-2').slice(1)).toEqual([
    'exten => t_acme,1,Return(+4969555001)',
    'exten => t_big_co,1,Return(+4969555002)',
    'exten => _t_!,1,Return(+4969555000)',
  ]);
  expect(contextOf(read.config, 'trunkward-attempt').join('\n')).toContain(
    '(Local/+${TRUNKWARD_E164}@site-gateway/n,60)',
  );
});
