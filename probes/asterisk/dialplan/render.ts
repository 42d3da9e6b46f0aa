// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { attemptContext } from './attempt-context.ts';
import { numberSteps, tenantContexts, tenantSteps } from './caller-number.ts';
import { checkDialplanInput } from './check.ts';
import { dialledEdges, dialString, extension } from './dial-string.ts';
import type { DialClass, DialplanFault, DialplanInput, DialRule, DialTrunk } from './input.ts';
import { assertedSteps, dialOptions, legContext } from './leg-context.ts';
import { dialContext, routeContext } from './route-contexts.ts';

/** The contexts of `trunkward-outbound.conf`, which go behind a seal, or everything in the input that must not be rendered. */
export type RenderResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly faults: readonly DialplanFault[] };

/** Q.850 causes of calls we refuse; chan_pjsip answers 484, 403 and 503. */
const CAUSE_INVALID_NUMBER = 28;
const CAUSE_REJECTED = 21;

function refuse(reason: string, cause: number): readonly string[] {
  return [`UserEvent(TrunkwardRefused,Reason: ${reason})`, `Hangup(${cause})`];
}

/** A trunk's place in the input, from 1: the name of its extensions. */
function trunkIdOf(input: DialplanInput, name: string): number {
  return input.trunks.findIndex(({ trunk }) => trunk === name) + 1;
}

function trunkNamed(input: DialplanInput, name: string): DialTrunk {
  const found = input.trunks[trunkIdOf(input, name) - 1];
  if (found === undefined) throw new Error(`trunk ${name} passed the check and is not in the input`);
  return found;
}

/**
 * Emergency numbers: exact extensions that dial at once, straight down their own list, with nothing before the first Dial
 * but who calls. Any failure moves on, a refusal and a busy line too; only the last attempt has no time-out. No ceiling, no
 * capacity, no edge that is drawn.
 */
function emergencyExtensions(input: DialplanInput): readonly string[] {
  const { numbers, trunks } = input.emergency;
  const attempts = trunks
    .map((name) => trunkNamed(input, name))
    .flatMap((trunk) => dialledEdges(trunk).map((edge) => ({ trunk, edge, trunkId: trunkIdOf(input, trunk.trunk) })));
  return numbers.map((number) =>
    extension(number, [
      'Set(TRUNKWARD_CALLER=${CALLERID(num)})',
      ...tenantSteps(input),
      ...attempts.flatMap(({ trunk, edge, trunkId }, index) => {
        const timeout = index === attempts.length - 1 ? '' : `${trunk.dialTimeoutS}`;
        return [
          ...numberSteps(trunk.callerId, 'caller', trunkId, 'CALLERID(num)'),
          ...assertedSteps(trunk, trunkId),
          `Dial(${dialString(trunk, edge, number)},${timeout},${dialOptions(trunk, trunkId, true)})`,
        ];
      }),
      'Set(CALLERID(num)=${TRUNKWARD_CALLER})',
      'Hangup(${HANGUPCAUSE})',
    ]),
  );
}

function entryContext(input: DialplanInput): string {
  const strict = [
    'Set(TRUNKWARD_DIALLED=${FILTER(0-9+,${EXTEN})})',
    'GotoIf($[${LEN(${TRUNKWARD_DIALLED})} != ${LEN(${EXTEN})}]?i,1)',
    'GotoIf($[${LEN(${EXTEN})} > 30]?i,1)',
    'Set(TRUNKWARD_CALLER=${FILTER(0-9A-Za-z+*#._,${CALLERID(num)})})',
    ...tenantSteps(input),
    'Set(TRUNKWARD_CAUSE=34)',
    'Goto(trunkward-dialled,${TRUNKWARD_DIALLED},1)',
  ];
  return [
    '[trunkward-outbound]',
    ...emergencyExtensions(input),
    extension('_X!', strict),
    extension('_+X!', strict),
    extension('i', refuse('not-a-number', CAUSE_INVALID_NUMBER)),
  ].join('\n');
}

function ruleExtension(rule: DialRule): string {
  return extension(rule.prefix === '' ? '_X!' : `_${rule.prefix}!`, [
    `Set(TRUNKWARD_E164=${rule.prepend}\${EXTEN:${rule.strip}})`,
    'GotoIf($[${REGEX("^[1-9][0-9]+$" ${TRUNKWARD_E164})} != 1]?i,1)',
    'GotoIf($[${LEN(${TRUNKWARD_E164})} > 15]?i,1)',
    'Goto(trunkward-class,${TRUNKWARD_E164},1)',
  ]);
}

function dialledContext(input: DialplanInput): string {
  return [
    '[trunkward-dialled]',
    ...input.dialRules.map(ruleExtension),
    extension('i', refuse('no-dial-rule', CAUSE_INVALID_NUMBER)),
  ].join('\n');
}

function classExtensions(input: DialplanInput, group: DialClass): readonly string[] {
  const ids = group.trunks.map((name) => trunkIdOf(input, name));
  const steps = [
    `Set(TRUNKWARD_CLASS=${group.class})`,
    `Set(TRUNKWARD_NAMES=${group.trunks.join('/')})`,
    `Set(TRUNKWARD_IDS=${ids.join('/')})`,
    `Set(TRUNKWARD_STATIC=${group.trunks.map((name) => `${name}/0`).join(',')})`,
    `Set(TRUNKWARD_CLASS_CEILING=${group.ceilingMicrosPerMinute ?? ''})`,
    'Goto(trunkward-route,s,1)',
  ];
  return group.prefixes.map((prefix) => extension(`_${prefix}!`, steps));
}

function classContext(input: DialplanInput): string {
  return [
    '[trunkward-class]',
    ...input.classes.flatMap((group) => classExtensions(input, group)),
    extension('i', refuse('no-class', CAUSE_REJECTED)),
  ].join('\n');
}

/**
 * Renders the dialplan include. Pure: the same input gives the same text.
 *
 * The operator adds `#include trunkward-outbound.conf` to extensions.conf and sends outbound calls to
 * `Goto(trunkward-outbound,${EXTEN},1)`. Nothing in it answers the call, and nothing but dialling precedes an emergency call.
 *
 * @returns the text, or all faults with their places; never a text with a part left out.
 * @see Asterisk 22 extensions.conf, README-SERIOUSLY.bestpractices (dialplan injection)
 */
export function renderDialplan(input: DialplanInput): RenderResult {
  const faults = checkDialplanInput(input);
  if (faults.length > 0) return { ok: false, faults };
  const text = [
    entryContext(input),
    dialledContext(input),
    classContext(input),
    routeContext(),
    attemptContext(input.trunks),
    ...tenantContexts(input.trunks),
    ...legContext(input.trunks),
    dialContext(),
  ].join('\n\n');
  return { ok: true, text: `${text}\n` };
}
