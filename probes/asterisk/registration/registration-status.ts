import type { RegistrationMeasurement } from '../../../wire/call-measurement.ts';
import type { AmiAction } from '../ami/action-encoder.ts';
import { type AmiPacket, eventName, firstValue } from '../ami/ami-packet.ts';

/** A trunk with the PJSIP registration that is its own. */
export type TrunkRegistration = {
  readonly trunk: string;
  readonly endpoint: string;
  /** Name of the registration object where it does not name its endpoint (`line` off). */
  readonly registration: string | undefined;
};

/** Asks for all outbound registrations; needs class `system` or `reporting`. */
export const SHOW_REGISTRATIONS: AmiAction = { name: 'PJSIPShowRegistrationsOutbound', fields: [] };

/**
 * Reads the registrations of our trunks out of an answer. Fields that are used: `ObjectName`, `Endpoint` and `Status`
 * (`Registered`, `Unregistered`, `Rejected`, `Stopped`, …). A registration that no trunk names is passed over. `Rejected` is
 * what Asterisk also says when nobody answered and no further try is due, so only `Registered` proves anything of the account.
 *
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/OutboundRegistrationDetail/
 */
export function readRegistrations(
  items: readonly AmiPacket[],
  trunks: readonly TrunkRegistration[],
  observedAtMs: number,
): readonly RegistrationMeasurement[] {
  return items.flatMap((item) => {
    if (eventName(item) !== 'OutboundRegistrationDetail') return [];
    const name = firstValue(item, 'ObjectName');
    const endpoint = firstValue(item, 'Endpoint');
    const owner =
      trunks.find(({ registration }) => registration !== undefined && registration === name) ??
      trunks.find((entry) => entry.registration === undefined && entry.endpoint === endpoint);
    if (owner === undefined) return [];
    const state = stateOf(firstValue(item, 'Status') ?? '');
    return [{ kind: 'registration', trunk: owner.trunk, observedAtMs, state } as const];
  });
}

function stateOf(status: string): RegistrationMeasurement['state'] {
  if (status === 'Registered') return 'registered';
  return status === 'Rejected' ? 'rejected' : 'unregistered';
}
