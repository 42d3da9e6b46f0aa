// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { numberSteps } from './caller-number.ts';
import { extension } from './dial-string.ts';
import type { DialTrunk } from './input.ts';

/** Category of the groups that count a trunk's legs; the group is the trunk's name. */
export const CAPACITY_CATEGORY = 'trunkward';

/** Steps on a provider's channel: what is offered and asserted. `ARG1` is the number to assert, `ARG2` 1 where the caller withholds his. */
function offerSteps({ codecs, assertedIdentity }: DialTrunk): readonly string[] {
  const offer = codecs === undefined ? [] : [`Set(PJSIP_MEDIA_OFFER(audio)=!all,${codecs.join(',')})`];
  if (assertedIdentity === undefined) return offer;
  return [
    ...offer,
    'GotoIf($[${LEN(${ARG1})} = 0]?bare)',
    `Set(PJSIP_HEADER(add,P-Asserted-Identity)=<sip:\${ARG1}@${assertedIdentity.domain}>)`,
    'GotoIf($["${ARG2}" != "1"]?bare)',
    'Set(PJSIP_HEADER(add,Privacy)=id)',
  ];
}

/** A leg joins the trunk's group before it is counted, so that two at once are both seen; one too many ends before its INVITE. */
function countSteps({ trunk, capacity }: DialTrunk): readonly string[] {
  if (capacity?.calls === undefined) return [];
  return [
    `Set(GROUP(${CAPACITY_CATEGORY})=${trunk})`,
    `ExecIf($[\${GROUP_COUNT(${trunk}@${CAPACITY_CATEGORY})} > ${capacity.calls}]?SoftHangup(\${CHANNEL(name)}))`,
  ];
}

function isNeeded(trunk: DialTrunk, isEmergency: boolean): boolean {
  return offerSteps(trunk).length + (isEmergency ? 0 : countSteps(trunk).length) > 0;
}

/**
 * The options of Dial for a trunk: `i` ignores a 3xx, for a provider must not send a call wherever it likes; `b` runs
 * {@link legContext} on the provider's channel before its INVITE.
 */
export function dialOptions(trunk: DialTrunk, trunkId: number, isEmergency = false): string {
  if (!isNeeded(trunk, isEmergency)) return 'i';
  const told = trunk.assertedIdentity === undefined ? '' : '(${TRUNKWARD_ASSERTED}^${TRUNKWARD_WITHHELD})';
  return `ib(trunkward-leg^${isEmergency ? 'e' : ''}${trunkId}^1${told})`;
}

/** The steps before Dial that {@link dialOptions} takes its arguments from. */
export function assertedSteps({ assertedIdentity }: DialTrunk, trunkId: number): readonly string[] {
  if (assertedIdentity === undefined) return [];
  return [
    ...numberSteps(assertedIdentity.callerId, 'asserted', trunkId, 'TRUNKWARD_ASSERTED'),
    'Set(TRUNKWARD_WITHHELD=$["${CALLERID(num-pres):0:6}" = "prohib"])',
  ];
}

/**
 * What is done on a provider's channel before its INVITE. Its group lasts as long as that channel, so a call that was transferred away
 * still counts. Extension `<id>` for ordinary calls, `e<id>` for emergency calls, which nothing counts or ends.
 *
 * @see Asterisk 22 app_dial (option b), func_groupcount, func_pjsip_endpoint (PJSIP_HEADER, PJSIP_MEDIA_OFFER), RFC 3325 §9.1
 */
export function legContext(trunks: readonly DialTrunk[]): readonly string[] {
  const extensions = trunks.flatMap((trunk, index) => [
    ...(isNeeded(trunk, false)
      ? [extension(`${index + 1}`, [...countSteps(trunk), ...offerSteps(trunk), '(bare)Return()'])]
      : []),
    ...(isNeeded(trunk, true) ? [extension(`e${index + 1}`, [...offerSteps(trunk), '(bare)Return()'])] : []),
  ]);
  return extensions.length === 0 ? [] : [['[trunkward-leg]', ...extensions].join('\n')];
}
