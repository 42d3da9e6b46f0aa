// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { checkDialplanInput } from './check.ts';
import { callerIdStep, dialString, extension, templatedNumber } from './dial-string.ts';
import type { DialClass, DialplanFault, DialplanInput, DialRule, DialTrunk } from './input.ts';
import { dialContext, routeContext } from './route-contexts.ts';

/** The text of `trunkward-outbound.conf`, or everything in the input that must not be rendered. */
export type RenderResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly faults: readonly DialplanFault[] };

/** Q.850 causes of calls we refuse; chan_pjsip answers 484, 403 and 503. */
const CAUSE_INVALID_NUMBER = 28;
const CAUSE_REJECTED = 21;

function refuse(reason: string, cause: number): readonly string[] {
  return [`UserEvent(TrunkwardRefused,Reason: ${reason})`, `Hangup(${cause})`];
}

function trunkNamed(input: DialplanInput, name: string): DialTrunk {
  const found = input.trunks.find(({ trunk }) => trunk === name);
  if (found === undefined) throw new Error(`trunk ${name} passed the check and is not in the input`);
  return found;
}

/**
 * Emergency numbers: exact extensions that dial at once, straight down their own list, with nothing before the first Dial
 * but caller ID. Any failure moves on, a refusal and a busy line too; only the last attempt has no time-out.
 */
function emergencyExtensions(input: DialplanInput): readonly string[] {
  const { numbers, trunks } = input.emergency;
  const attempts = trunks
    .map((name) => trunkNamed(input, name))
    .flatMap((trunk) => trunk.edges.map((edge) => ({ trunk, edge })));
  return numbers.map((number) =>
    extension(number, [
      'Set(TRUNKWARD_CALLER=${CALLERID(num)})',
      ...attempts.flatMap(({ trunk, edge }, index) => {
        const timeout = index === attempts.length - 1 ? '' : `${trunk.dialTimeoutS}`;
        return [callerIdStep(trunk), `Dial(${dialString(trunk, edge, number)},${timeout},i)`];
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
    'Set(TRUNKWARD_CALLER=${CALLERID(num)})',
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
  const ids = group.trunks.map((name) => input.trunks.findIndex(({ trunk }) => trunk === name) + 1);
  const steps = [
    `Set(TRUNKWARD_CLASS=${group.class})`,
    `Set(TRUNKWARD_NAMES=${group.trunks.join('/')})`,
    `Set(TRUNKWARD_IDS=${ids.join('/')})`,
    `Set(TRUNKWARD_STATIC=${group.trunks.map((name) => `${name}/0`).join(',')})`,
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

function attemptContext(input: DialplanInput): string {
  return [
    '[trunkward-attempt]',
    ...input.trunks.map((trunk, index) =>
      extension(`${index + 1}`, [
        `Set(TRUNKWARD_TRUNK=${trunk.trunk})`,
        callerIdStep(trunk),
        ...trunk.edges.flatMap((edge) => {
          const dial = dialString(trunk, edge, templatedNumber(trunk, 'TRUNKWARD_E164'));
          return [
            `Gosub(trunkward-dial,\${TRUNKWARD_CLASS},1(${dial},${trunk.dialTimeoutS}))`,
            'GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
          ];
        }),
        '(done)Return(${GOSUB_RETVAL})',
      ]),
    ),
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
    "; Written by trunkward from the probe's config. Changes made here are lost.",
    entryContext(input),
    dialledContext(input),
    classContext(input),
    routeContext(),
    attemptContext(input),
    dialContext(),
  ].join('\n\n');
  return { ok: true, text: `${text}\n` };
}
