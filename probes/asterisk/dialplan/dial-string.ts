import type { DialEdge, DialTrunk } from './input.ts';

/** In extensions.conf a semicolon starts a comment unless a backslash stands before it. */
function escapeConfig(text: string): string {
  return text.replaceAll(';', '\\;');
}

/**
 * Gives the first argument of Dial for one attempt over one edge.
 *
 * @param number - what to send, which may hold `${…}`: it comes from our own dialplan after its check, never from a config.
 * @see Asterisk app_dial, chan_pjsip: `PJSIP/endpoint/sip:user@host` and `PJSIP/user@endpoint`; core_local: `/n` keeps the
 *   Local channel in the call, and with it whatever its own context hangs on it
 */
export function dialString(trunk: DialTrunk, edge: DialEdge, number: string): string {
  if (trunk.localContext !== undefined) return `Local/${number}@${trunk.localContext}/n`;
  if (edge.dialUri === undefined) return `PJSIP/${number}@${trunk.endpoint}`;
  return escapeConfig(`PJSIP/${trunk.endpoint}/${edge.dialUri.replace('{number}', number)}`);
}

/** The edges that are dialled one by one: the first alone stands for a trunk that another context dials. */
export function dialledEdges({ edges, localContext }: DialTrunk): readonly DialEdge[] {
  return localContext === undefined ? edges : edges.slice(0, 1);
}

/** The number as the trunk wants it, with the E.164 digits taken from the channel variable `variable`. */
export function templatedNumber(trunk: DialTrunk, variable: string): string {
  return trunk.numberTemplate.replace('{e164}', `\${${variable}}`);
}

/** Writes one extension: the first step at priority 1, the others at `n`. A step may begin with a label: `(label)App(…)`. */
export function extension(pattern: string, steps: readonly string[]): string {
  return steps
    .map((step, index) => {
      const labelled = /^(\([a-z]+\))(.*)$/s.exec(step);
      const [label, app] = labelled === null ? ['', step] : [labelled[1] ?? '', labelled[2] ?? ''];
      return index === 0 ? `exten => ${pattern},1${label},${app}` : ` same => n${label},${app}`;
    })
    .join('\n');
}
