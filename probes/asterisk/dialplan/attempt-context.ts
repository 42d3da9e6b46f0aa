// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { numberSteps } from './caller-number.ts';
import { dialledEdges, dialString, extension, templatedNumber } from './dial-string.ts';
import type { DialEdge, DialTrunk } from './input.ts';
import { assertedSteps, CAPACITY_CATEGORY, dialOptions } from './leg-context.ts';
import { rerouteStatusCodes } from './reroute.ts';

/** A trunk above the ceiling, or of unknown price under one, is passed over: on a fallback as on the first attempt. */
function priceSteps({ pricesMicrosPerMinute = {} }: DialTrunk): readonly string[] {
  return [
    'GotoIf($[${LEN(${TRUNKWARD_CEILING_NOW})} = 0]?cheap)',
    'Set(TRUNKWARD_PRICE=)',
    ...Object.entries(pricesMicrosPerMinute).map(
      ([group, micros]) => `ExecIf($["\${TRUNKWARD_CLASS}" = "${group}"]?Set(TRUNKWARD_PRICE=${micros}))`,
    ),
    'GotoIf($[${LEN(${TRUNKWARD_PRICE})} = 0]?dear)',
    'GotoIf($[${TRUNKWARD_PRICE} > ${TRUNKWARD_CEILING_NOW}]?dear)',
  ];
}

/** Attempts of one second of the clock, counted under a lock: a trunk that has had its share is passed over. */
function paceSteps(callsPerS: number, trunkId: number): readonly string[] {
  const [second, count, lock] = ['SECOND', 'COUNT', 'LOCK'].map((name) => `TRUNKWARD_${name}_${trunkId}`);
  return [
    `Set(TRUNKWARD_LOCKED=\${LOCK(${lock})})`,
    'Set(TRUNKWARD_SECOND=${EPOCH})',
    `ExecIf($["\${GLOBAL(${second})}" != "\${TRUNKWARD_SECOND}"]?Set(GLOBAL(${count})=0))`,
    `Set(GLOBAL(${second})=\${TRUNKWARD_SECOND})`,
    `Set(TRUNKWARD_BEGUN=$[0\${GLOBAL(${count})} + 1])`,
    `Set(GLOBAL(${count})=\${TRUNKWARD_BEGUN})`,
    `Set(TRUNKWARD_LOCKED=\${UNLOCK(${lock})})`,
    `GotoIf($[\${TRUNKWARD_BEGUN} > ${callsPerS}]?full)`,
  ];
}

function capacitySteps({ trunk, capacity }: DialTrunk, trunkId: number): readonly string[] {
  const legs =
    capacity?.calls === undefined
      ? []
      : [`GotoIf($[0\${GROUP_COUNT(${trunk}@${CAPACITY_CATEGORY})} >= ${capacity.calls}]?full)`];
  return [...legs, ...(capacity?.callsPerS === undefined ? [] : paceSteps(capacity.callsPerS, trunkId))];
}

/** The number as the trunk wants it, and the steps that make it where one template does not do for all. */
function sentNumber(trunk: DialTrunk): { readonly steps: readonly string[]; readonly number: string } {
  const number = templatedNumber(trunk, 'TRUNKWARD_E164');
  if (trunk.national === undefined) return { steps: [], number };
  const { countryCode, template } = trunk.national;
  const { length } = countryCode;
  const own = template.replace('{national}', `\${TRUNKWARD_E164:${length}}`);
  return {
    steps: [
      `Set(TRUNKWARD_SENT=${number})`,
      `ExecIf($["\${TRUNKWARD_E164:0:${length}}" = "${countryCode}"]?Set(TRUNKWARD_SENT=${own}))`,
    ],
    number: '${TRUNKWARD_SENT}',
  };
}

function edgeSteps(trunk: DialTrunk, edge: DialEdge, number: string): readonly string[] {
  return [
    `Gosub(trunkward-dial,\${TRUNKWARD_CLASS},1(${dialString(trunk, edge, number)},${trunk.dialTimeoutS}))`,
    'GotoIf($["${GOSUB_RETVAL}" != "next"]?done)',
  ];
}

/** The edges one after another, from the first or, round the list, from one that is drawn. */
function edgesSteps(trunk: DialTrunk, number: string): readonly string[] {
  const edges = dialledEdges(trunk);
  if (trunk.edgeChoice !== 'random' || edges.length < 2) return edges.flatMap((edge) => edgeSteps(trunk, edge, number));
  const labels = edges.map((_, index) => `edge${String.fromCodePoint('a'.charCodeAt(0) + index)}`);
  return [
    `Set(TRUNKWARD_EDGES_LEFT=${edges.length})`,
    `Set(TRUNKWARD_EDGE=\${RAND(1,${edges.length})})`,
    ...labels.slice(1).map((label, index) => `GotoIf($[\${TRUNKWARD_EDGE} = ${index + 2}]?${label})`),
    ...edges.flatMap((edge, index) => {
      const [first = '', ...rest] = edgeSteps(trunk, edge, number);
      return [
        `(${labels[index]})${first}`,
        ...rest,
        'Set(TRUNKWARD_EDGES_LEFT=$[${TRUNKWARD_EDGES_LEFT} - 1])',
        'GotoIf($[${TRUNKWARD_EDGES_LEFT} = 0]?done)',
      ];
    }),
    `Goto(${labels[0]})`,
  ];
}

/**
 * One extension a trunk, by its place in the configuration: may it take this call, what is it told, and its edges one by one.
 * Returns `next` or `final`, as the last dial did; `next` for a trunk that is passed over.
 *
 * @see Asterisk 22 func_groupcount (GROUP_COUNT), func_lock (LOCK waits 3 s at most and is freed with its channel)
 */
export function attemptContext(trunks: readonly DialTrunk[]): string {
  const extensions = trunks.map((trunk, index) => {
    const trunkId = index + 1;
    const { steps, number } = sentNumber(trunk);
    const capacity = capacitySteps(trunk, trunkId);
    return extension(`${trunkId}`, [
      `Set(TRUNKWARD_TRUNK=${trunk.trunk})`,
      ...priceSteps(trunk),
      `(cheap)Set(TRUNKWARD_NEXT=${rerouteStatusCodes(trunk.reroute).join('|')})`,
      `Set(TRUNKWARD_EARLY=${trunk.reroute?.afterEarlyMedia === true ? 1 : 0})`,
      ...capacity,
      ...numberSteps(trunk.callerId, 'caller', trunkId, 'CALLERID(num)'),
      ...assertedSteps(trunk, trunkId),
      `Set(TRUNKWARD_OPTIONS=${dialOptions(trunk, trunkId)})`,
      ...steps,
      ...edgesSteps(trunk, number),
      '(done)Return(${GOSUB_RETVAL})',
      `(dear)UserEvent(TrunkwardTooDear,Trunk: ${trunk.trunk},Class: \${TRUNKWARD_CLASS})`,
      'Return(next)',
      ...(capacity.length === 0 ? [] : [`(full)UserEvent(TrunkwardFull,Trunk: ${trunk.trunk})`, 'Return(next)']),
    ]);
  });
  return ['[trunkward-attempt]', ...extensions].join('\n');
}
