// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { readFileSync } from 'node:fs';
import { renderDialplan } from '../../probes/asterisk/dialplan/render.ts';
import type { PbxConfig, PhoneIdentity } from './asterisk-config.ts';
import type { AsteriskInstance } from './asterisk-instance.ts';
import { type DialplanPlaces, dialplanInput } from './dialplan-input.ts';
import type { Lab } from './lab.ts';
import { LATE_RINGER_PORT } from './late-ringer.ts';
import type { Call, CallOutcome, Phone } from './phone.ts';
import type { Provider, ReceivedInvite } from './provider.ts';

/** A call with what reached which provider during it. */
export type Traced = CallOutcome & { readonly atA: readonly ReceivedInvite[]; readonly atB: readonly ReceivedInvite[] };

/** Values that a tenant's variable or an account code must not be able to smuggle into the dialplan. */
const HOSTILE_NAME = 'acme&PJSIP/alpha)]?i,1:${SHELL(touch /srv/run/pwned)}"\'|$[1+1]';

/** Who calls on which phone of the scenario. */
const IDENTITIES = {
  acme: { variables: ['TENANT=acme'], accountCode: 'big-co' },
  hostile: { variables: [`TENANT=${HOSTILE_NAME}`], accountCode: HOSTILE_NAME },
  capped: { variables: ['TENANT=stranger', 'TRUNKWARD_CEILING=30000'], accountCode: 'x'.repeat(200) },
  senseless: { variables: ['TRUNKWARD_CEILING=1 | 1'] },
  withheld: { variables: [], context: 'lab-withheld' },
  plain: { variables: [], context: 'outbound' },
  freepbx: { variables: [], context: 'imitated-freepbx' },
  generated: { variables: ['TENANT=big-co'], context: 'tenant-big-co' },
} as const satisfies Record<string, PhoneIdentity>;

/** A phone of the scenario, by who calls on it. */
export type CallerName = keyof typeof IDENTITIES;

/** One PBX between two providers, with phones that differ in who calls on them. */
export type DialplanBench = {
  readonly lab: Lab;
  readonly pbx: AsteriskInstance;
  readonly a: Provider;
  readonly b: Provider;
  readonly places: DialplanPlaces;
  readonly config: Omit<PbxConfig, 'include'>;
  readonly phones: Readonly<Record<CallerName, Phone>>;
  readonly place: (call: Call | string, caller?: CallerName) => Promise<Traced>;
};

/** The blocks of docs/dialplan.md that are dialplan, as they stand there: what is written is what is run. */
export function recipe(name: string): string {
  const text = readFileSync(new URL('../../docs/dialplan.md', import.meta.url), 'utf8');
  const found = new RegExp(`^\`\`\`ini ${name}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1];
  if (found === undefined) throw new Error(`docs/dialplan.md has no recipe ${name}`);
  return found;
}

/** Contexts of the site: the recipes, and what stands round them in a PBX that has them. */
function ownDialplan(): string {
  return [
    recipe('plain'),
    recipe('tenants'),
    recipe('freepbx'),
    // What FreePBX makes of a custom trunk with this dial string and the number it dials.
    `[imitated-freepbx]
exten => _[+0-9*#]!,1,Dial(Local/\${EXTEN}@trunkward-freepbx/n,300,T)
 same => n,Hangup(\${HANGUPCAUSE})`,
    `[lab-withheld]
exten => _X!,1,Set(CALLERID(num-pres)=prohib)
 same => n,Goto(trunkward-outbound,\${EXTEN},1)`,
    `[site-b]
exten => _+X!,1,Dial(PJSIP/\${EXTEN}@beta,60)
 same => n,Hangup(\${HANGUPCAUSE})`,
  ].join('\n');
}

/** The configuration of the scenario's PBX, but for the include. */
export function benchConfig(
  { a, b }: DialplanPlaces,
  [address, secondAddress = '']: readonly [string, ...string[]],
  phoneAddresses: readonly string[],
): Omit<PbxConfig, 'include'> {
  return {
    address,
    trunks: [
      { endpoint: 'alpha', address: a },
      { endpoint: 'beta', address: b },
      { endpoint: 'delta', address: a, codecs: 'ulaw,alaw' },
      { endpoint: 'late', address: a, portNumber: LATE_RINGER_PORT },
      { endpoint: 'second', address: b, ...(secondAddress === '' ? {} : { sourceAddress: secondAddress }) },
    ],
    phoneAddresses,
    phoneIdentities: Object.values(IDENTITIES),
    ami: { user: 'trunkward', secret: 'lab' },
    ownDialplan: ownDialplan(),
  };
}

/** The include rendered from an input that must be sound. */
export function renderedInclude(input: Parameters<typeof renderDialplan>[0]): string {
  const rendered = renderDialplan(input);
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.faults));
  return rendered.text;
}

/** Builds the whole and checks that Asterisk took the include. */
export async function dialplanBench(lab: Lab): Promise<DialplanBench> {
  const a = await lab.addProvider('provider-a');
  const b = await lab.addProvider('provider-b', 2);
  const names = Object.keys(IDENTITIES) as readonly CallerName[];
  const phoneList: (readonly [CallerName, Phone])[] = [];
  for (const name of names) phoneList.push([name, await lab.addPhone(`phone-${name}`)]);
  const phones = Object.fromEntries(phoneList) as Record<CallerName, Phone>;
  const pbx = await lab.addPbx('pbx1', 2);
  const places = { a: a.host.addresses[0], b: b.host.addresses[0], secondB: b.host.addresses[1] ?? '' };
  const phoneAddresses = names.map((name) => phones[name].host.addresses[0]);
  const config = benchConfig(places, pbx.host.addresses, phoneAddresses);
  await pbx.configure({ ...config, include: renderedInclude(dialplanInput(places)) });
  const bootMs = await pbx.start();
  const shown = await pbx.console('dialplan show trunkward-route');
  lab.check('Asterisk loads the include', shown.includes('TRUNKWARD_VALUE'), { bootMs: Math.round(bootMs) });
  const complaints = (await pbx.log()).split('\n').filter((line) => /\b(WARNING|ERROR)\b.*trunkward/.test(line));
  lab.check('without a word of complaint', complaints.length === 0, { complaints: complaints.slice(0, 5) });
  const place = async (call: Call | string, caller: CallerName = 'acme'): Promise<Traced> => {
    const [beforeA, beforeB] = [a.invites().length, b.invites().length];
    const wanted = typeof call === 'string' ? { number: call } : call;
    const outcome = await phones[caller].call(pbx.host.addresses[0], wanted);
    return { ...outcome, atA: a.invites().slice(beforeA), atB: b.invites().slice(beforeB) };
  };
  return { lab, pbx, a, b, places, config, phones, place };
}

/** What a check prints of a call. */
export function summary({ status, provisional, tookMs, atA, atB }: Traced): Readonly<Record<string, unknown>> {
  return {
    status,
    provisional,
    tookMs,
    a: atA.map(({ requestUri }) => requestUri),
    b: atB.map(({ requestUri }) => requestUri),
  };
}

/** `A`, `B`, `AB` (A, then B) or `BA`, or an empty text when nobody was called. */
export function order({ atA, atB }: Traced): string {
  return [
    ...atA.map(({ receivedAtEpochMs }) => ({ at: receivedAtEpochMs, name: 'A' })),
    ...atB.map(({ receivedAtEpochMs }) => ({ at: receivedAtEpochMs, name: 'B' })),
  ]
    .toSorted((one, other) => one.at - other.at)
    .map(({ name }) => name)
    .join('');
}

/** Places a call and checks who was called, in which order. */
export async function expectOrder(
  bench: DialplanBench,
  name: string,
  wanted: string,
  call: Call | string,
  caller: CallerName = 'acme',
): Promise<Traced> {
  const traced = await bench.place(call, caller);
  bench.lab.check(name, order(traced) === wanted, { wanted, got: order(traced), ...summary(traced) });
  return traced;
}

/** Milliseconds from the phone's INVITE to the last one that reached provider B. */
export function delayToB({ atB, sentAtEpochMs }: Traced): number {
  return Math.round(((atB.at(-1)?.receivedAtEpochMs ?? Number.NaN) - sentAtEpochMs) * 10) / 10;
}
