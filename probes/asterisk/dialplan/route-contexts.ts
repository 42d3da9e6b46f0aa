// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { MAX_ROUTE_VALUE_BYTES } from '../../../wire/route-value.ts';
import { extension } from './dial-string.ts';

/** `2:<fence>.<version>:<trunk>/<weight>,…`, weights 0 to 1000, as one POSIX expression without braces. */
const ROUTE_GRAMMAR = (() => {
  const item = '[a-z0-9][a-z0-9-]*/(1000|[0-9][0-9]?[0-9]?)';
  return `^2:[0-9]+[.][0-9]+:${item}(,${item})*$`;
})();

/** One walk: read, keep what is known, leave out what is marked down, draw the first, dial. Labels are words of a-z. */
const ROUTE_STEPS: readonly string[] = [
  // The lower of the caller's ceiling and the class's holds; one that is no number refuses the call.
  'Set(TRUNKWARD_CEILING_NOW=${FILTER(0-9,${TRUNKWARD_CEILING})})',
  'GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} != ${LEN(${TRUNKWARD_CEILING})}]?senseless)',
  'GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} > 12]?senseless)',
  'GotoIf($[${LEN(${TRUNKWARD_CLASS_CEILING})} = 0]?start)',
  'GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} = 0]?own)',
  'GotoIf($[${TRUNKWARD_CEILING_NOW} < ${TRUNKWARD_CLASS_CEILING}]?start)',
  '(own)Set(TRUNKWARD_CEILING_NOW=${TRUNKWARD_CLASS_CEILING})',
  '(start)Set(TRUNKWARD_SOURCE=static)',
  'Set(TRUNKWARD_PANIC=)',
  'Set(TRUNKWARD_LIST=${TRUNKWARD_STATIC})',
  'Set(TRUNKWARD_VALUE=${DB(trunkward/route/${TRUNKWARD_CLASS})})',
  `Set(TRUNKWARD_GOOD=\${REGEX("${ROUTE_GRAMMAR}" \${TRUNKWARD_VALUE})})`,
  'GotoIf($["${TRUNKWARD_GOOD}" != "1"]?collect)',
  `GotoIf($[\${LEN(\${TRUNKWARD_VALUE})} > ${MAX_ROUTE_VALUE_BYTES}]?collect)`,
  'Set(TRUNKWARD_SOURCE=astdb)',
  'Set(TRUNKWARD_LIST=${CUT(TRUNKWARD_VALUE,:,3)})',
  // Known trunks of the class as `<position>.<weight>` joined by `/`; one that is named twice spoils the value.
  '(collect)Set(TRUNKWARD_KNOWN=)',
  'Set(TRUNKWARD_SEEN=)',
  '(item)GotoIf($[${LEN(${TRUNKWARD_LIST})} = 0]?collected)',
  'Set(TRUNKWARD_ITEM=${SHIFT(TRUNKWARD_LIST,\\,)})',
  'Set(TRUNKWARD_NAME=${CUT(TRUNKWARD_ITEM,/,1)})',
  'Set(TRUNKWARD_POSITION=${FIELDNUM(TRUNKWARD_NAMES,/,${TRUNKWARD_NAME})})',
  'GotoIf($[0${TRUNKWARD_POSITION} = 0]?item)',
  'GotoIf($[0${FIELDNUM(TRUNKWARD_SEEN,/,${TRUNKWARD_NAME})} > 0]?unusable)',
  'Set(TRUNKWARD_SEEN=${TRUNKWARD_SEEN}/${TRUNKWARD_NAME})',
  'Set(TRUNKWARD_KNOWN=${TRUNKWARD_KNOWN}/${TRUNKWARD_POSITION}.${CUT(TRUNKWARD_ITEM,/,2)})',
  'Goto(item)',
  '(collected)GotoIf($[${LEN(${TRUNKWARD_KNOWN})} > 0]?skim)',
  '(unusable)GotoIf($["${TRUNKWARD_SOURCE}" = "static"]?nothing)',
  'Set(TRUNKWARD_SOURCE=static)',
  'Set(TRUNKWARD_LIST=${TRUNKWARD_STATIC})',
  'Goto(collect)',
  // Without those marked down, unless that leaves none.
  '(skim)Set(TRUNKWARD_KNOWN=${TRUNKWARD_KNOWN:1})',
  'Set(TRUNKWARD_LIST=${TRUNKWARD_KNOWN})',
  'Set(TRUNKWARD_USABLE=)',
  'Set(TRUNKWARD_TOTAL=0)',
  '(mark)GotoIf($[${LEN(${TRUNKWARD_LIST})} = 0]?marked)',
  'Set(TRUNKWARD_ITEM=${SHIFT(TRUNKWARD_LIST,/)})',
  'Set(TRUNKWARD_NAME=${CUT(TRUNKWARD_NAMES,/,${CUT(TRUNKWARD_ITEM,.,1)})})',
  'Set(TRUNKWARD_UNTIL=${DB(trunkward/down/${TRUNKWARD_NAME})})',
  'Set(TRUNKWARD_GOOD=${REGEX("^[0-9]+$" ${TRUNKWARD_UNTIL})})',
  'GotoIf($["${TRUNKWARD_GOOD}" != "1"]?keep)',
  'GotoIf($[${LEN(${TRUNKWARD_UNTIL})} > 10]?keep)',
  'GotoIf($[${TRUNKWARD_UNTIL} > ${EPOCH}]?mark)',
  '(keep)Set(TRUNKWARD_USABLE=${TRUNKWARD_USABLE}/${TRUNKWARD_ITEM})',
  'Set(TRUNKWARD_TOTAL=$[${TRUNKWARD_TOTAL} + ${CUT(TRUNKWARD_ITEM,.,2)}])',
  'Goto(mark)',
  '(marked)GotoIf($[${LEN(${TRUNKWARD_USABLE})} > 0]?draw)',
  'Set(TRUNKWARD_PANIC=1)',
  'UserEvent(TrunkwardPanic,Class: ${TRUNKWARD_CLASS})',
  'Set(TRUNKWARD_USABLE=/${TRUNKWARD_KNOWN})',
  // The first by weight; weight 0 is never drawn.
  '(draw)Set(TRUNKWARD_USABLE=${TRUNKWARD_USABLE:1})',
  'Set(TRUNKWARD_FIRST=)',
  'GotoIf($[${TRUNKWARD_TOTAL} = 0]?walk)',
  'Set(TRUNKWARD_DRAWN=${RAND(1,${TRUNKWARD_TOTAL})})',
  'Set(TRUNKWARD_LIST=${TRUNKWARD_USABLE})',
  '(count)GotoIf($[${LEN(${TRUNKWARD_LIST})} = 0]?walk)',
  'Set(TRUNKWARD_FIRST=${SHIFT(TRUNKWARD_LIST,/)})',
  'Set(TRUNKWARD_DRAWN=$[${TRUNKWARD_DRAWN} - ${CUT(TRUNKWARD_FIRST,.,2)}])',
  'GotoIf($[${TRUNKWARD_DRAWN} > 0]?count)',
  // The drawn one, then the rest in listed order.
  '(walk)Set(TRUNKWARD_LIST=${TRUNKWARD_USABLE})',
  'Set(TRUNKWARD_ITEM=${TRUNKWARD_FIRST})',
  'GotoIf($[${LEN(${TRUNKWARD_FIRST})} > 0]?attempt)',
  '(next)GotoIf($[${LEN(${TRUNKWARD_LIST})} = 0]?nothing)',
  'Set(TRUNKWARD_ITEM=${SHIFT(TRUNKWARD_LIST,/)})',
  'GotoIf($["${TRUNKWARD_ITEM}" = "${TRUNKWARD_FIRST}"]?next)',
  '(attempt)Set(TRUNKWARD_ID=${CUT(TRUNKWARD_IDS,/,${CUT(TRUNKWARD_ITEM,.,1)})})',
  'Gosub(trunkward-attempt,${TRUNKWARD_ID},1)',
  'GotoIf($["${GOSUB_RETVAL}" = "next"]?next)',
  '(nothing)Set(CALLERID(num)=${TRUNKWARD_CALLER})',
  'Hangup(${TRUNKWARD_CAUSE})',
  '(senseless)UserEvent(TrunkwardRefused,Reason: bad-ceiling)',
  'Hangup(21)',
];

/**
 * Walks a class's route. Takes TRUNKWARD_CLASS, _NAMES and _IDS (the class's trunks and their attempt extensions, joined by
 * `/`), _STATIC (`<trunk>/0,…`), _CLASS_CEILING, _E164, _CALLER, and _CEILING from the caller's own dialplan. A value of AstDB is used only when the whole of it fits the grammar, so
 * nothing in it can reach an expression, a function argument or a dial string.
 *
 * @see design.md, AstDB family `trunkward`
 */
export function routeContext(): string {
  return `[trunkward-route]\n${extension('s', ROUTE_STEPS)}`;
}

/**
 * Dials once and says whether another trunk may be tried: `Gosub(trunkward-dial,<class>,1(<dial string>,<seconds>))` returns
 * `next` or `final`. The extension is the class's name, so that manager events of the dial tell it without a variable. Every call
 * is a new Dial, so a new INVITE with a Call-ID of its own. Takes TRUNKWARD_OPTIONS of the leg, TRUNKWARD_NEXT (the statuses to
 * go on after, joined by `|`) and TRUNKWARD_EARLY (1: early media does not end the search). A call-time limit (`L(ms)` without a
 * warning, on the provider's channel) and the question to the local probe belong directly before Dial.
 *
 * The status is that of the last response on the provider's channel (HANGUPCAUSE `tech`: `SIP 503 Service Unavailable`);
 * none, or 100, means that nothing was decided: no reply, a transport failure, an endpoint that cannot be dialled. Dial
 * sets RINGTIME_MS at 180 and PROGRESSTIME_MS at 183; 181 shows as a redirecting update, caught by the subroutine Asterisk runs
 * before it tells the caller. 182 and 199 leave no trace in the dialplan. Cause 23, a redirection, would reach the caller as a
 * 302, so it becomes 21; an unanswered ring ends with 19 (480).
 *
 * @see Asterisk 22 app_dial, func_hangupcause
 */
export function dialContext(): string {
  const steps = [
    'HangupCauseClear()',
    'Set(RINGTIME_MS=)',
    'Set(PROGRESSTIME_MS=)',
    'Set(TRUNKWARD_FORWARDED=)',
    'Set(REDIRECTING_SEND_SUB=trunkward-forwarded,s,1)',
    'Dial(${ARG1},${ARG2},${TRUNKWARD_OPTIONS})',
    'Set(TRUNKWARD_KEYS=${HANGUPCAUSE_KEYS()})',
    'Set(TRUNKWARD_TECH=)',
    'ExecIf($[${LEN(${TRUNKWARD_KEYS})} > 0]?Set(TRUNKWARD_TECH=${HANGUPCAUSE(${CUT(TRUNKWARD_KEYS,\\,,1)},tech)}))',
    'Set(TRUNKWARD_STATUS=${FILTER(0-9,${CUT(TRUNKWARD_TECH, ,2)})})',
    'Set(TRUNKWARD_CAUSE=${FILTER(0-9,${HANGUPCAUSE})})',
    'ExecIf($["${TRUNKWARD_CAUSE}" = "" | "${TRUNKWARD_CAUSE}" = "0" | "${TRUNKWARD_CAUSE}" = "16"]?Set(TRUNKWARD_CAUSE=34))',
    'ExecIf($["${TRUNKWARD_CAUSE}" = "23"]?Set(TRUNKWARD_CAUSE=21))',
    'GotoIf($[${LEN(${RINGTIME_MS}${TRUNKWARD_FORWARDED})} > 0]?heard)',
    'GotoIf($[${LEN(${PROGRESSTIME_MS})} > 0 & "${TRUNKWARD_EARLY}" != "1"]?heard)',
    'ExecIf($[${REGEX("^(100|${TRUNKWARD_NEXT})?$" ${TRUNKWARD_STATUS})} = 1]?Return(next))',
    'GotoIf($[${LEN(${PROGRESSTIME_MS})} = 0]?end)',
    '(heard)ExecIf($["${DIALSTATUS}" = "NOANSWER"]?Set(TRUNKWARD_CAUSE=19))',
    '(end)Return(final)',
  ];
  const forwarded = extension('s', ['Set(TRUNKWARD_FORWARDED=1)', 'Return()']);
  return `[trunkward-dial]\n${extension('_[a-z0-9]!', steps)}\n\n[trunkward-forwarded]\n${forwarded}`;
}
