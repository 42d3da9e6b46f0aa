import type { QualifyMeasurement } from '../../../wire/call-measurement.ts';
import type { AmiAction } from '../ami/action-encoder.ts';
import { type AmiPacket, eventName, firstValue } from '../ami/ami-packet.ts';

/** One contact of an endpoint as Asterisk's own qualify left it. */
export type ContactStatus = {
  readonly uri: string;
  readonly status: QualifyMeasurement['status'];
  /** Round trip of the last qualify that was answered, microseconds; 0 before the first, and -1 while unreachable. */
  readonly roundTripUs: number;
  readonly frequencyS: number;
  readonly timeoutS: number;
};

/** Asks for an endpoint with its contacts; needs class `system`. */
export function showEndpointAction(endpoint: string): AmiAction {
  return { name: 'PJSIPShowEndpoint', fields: [['Endpoint', endpoint]] };
}

/**
 * Reads the contacts of one endpoint out of the items of the answer. Fields that are used:
 *
 *     ContactStatusDetail   AOR, URI, Status (Reachable, Unreachable, Unknown, NonQualified, Created, Removed),
 *                           RoundtripUsec (whole, or N/A)
 *     AorDetail             ObjectName, QualifyFrequency (whole seconds, 0 is off), QualifyTimeout (seconds with a fraction)
 *
 * Interval and time-out are those of the AOR: Asterisk 22.10.1 prints `QualifyFrequency: 0` for a contact of pjsip.conf that it
 * does qualify. `PJSIPShowContacts` would be cheaper and lists no such contact at all. The answer also holds `AuthDetail`
 * with the trunk's SIP password; only the two events above are looked at, and nothing else is kept.
 *
 * @returns contacts whose numbers can be read, in the order of the answer.
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/ContactStatusDetail/
 */
export function readContacts(items: readonly AmiPacket[]): readonly ContactStatus[] {
  const aors = new Map(
    items.flatMap((item) => (eventName(item) === 'AorDetail' ? [[firstValue(item, 'ObjectName'), item] as const] : [])),
  );
  return items.flatMap((item) => {
    if (eventName(item) !== 'ContactStatusDetail') return [];
    const aor = aors.get(firstValue(item, 'AOR')) ?? item;
    const uri = firstValue(item, 'URI');
    const frequencyS = Number(firstValue(aor, 'QualifyFrequency') ?? Number.NaN);
    const timeoutS = Number(firstValue(aor, 'QualifyTimeout') ?? Number.NaN);
    const isReadable = isWithinDay(frequencyS) && Number.isInteger(frequencyS) && isWithinDay(timeoutS);
    if (uri === undefined || !isReadable) return [];
    const text = firstValue(item, 'RoundtripUsec') ?? '';
    const roundTripUs = /^-?\d{1,12}$/.test(text) ? Number(text) : 0;
    return [{ uri, status: statusOf(firstValue(item, 'Status') ?? ''), roundTripUs, frequencyS, timeoutS }];
  });
}

/** `host:port` out of a contact's URI (`sip:user@192.0.2.1:5060;transport=tcp`); the port is 5060 where none stands. */
export function contactHostPort(uri: string): string | undefined {
  const found = /^sips?:(?:[^@;>]*@)?(\[[0-9a-f:.]+\]|[^:;?>[\]]+)(?::(\d{1,5}))?(?:[;?>]|$)/i.exec(uri);
  return found?.[1] === undefined ? undefined : `${found[1].toLowerCase()}:${found[2] ?? '5060'}`;
}

function statusOf(text: string): ContactStatus['status'] {
  if (text === 'Reachable' || text === 'Avail') return 'reachable';
  return text === 'Unreachable' || text === 'Unavail' ? 'unreachable' : 'unknown';
}

function isWithinDay(seconds: number): boolean {
  return seconds >= 0 && seconds <= 86_400;
}
