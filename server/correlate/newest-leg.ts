import Type, { type Static } from 'typebox';
import { Counter, InstanceToken } from '../../wire/identifiers.ts';

/** The newest provider leg of a PBX whose media were told of: legs are numbered upwards within an instance of its probe. */
export const NewestLeg = Type.Object({ instanceId: InstanceToken, leg: Counter }, { additionalProperties: false });
/** Static type of {@link NewestLeg}. */
export type NewestLeg = Static<typeof NewestLeg>;

/** The newer of what was known and a leg that is told of. */
export function newerLeg(known: NewestLeg | undefined, instanceId: string, leg: number): NewestLeg {
  return known?.instanceId === instanceId && known.leg >= leg ? known : { instanceId, leg };
}

/** True for a leg that was up, or over, when `newest` was noted; of another instance of the probe nothing is known. */
export function isUpBefore(newest: NewestLeg | undefined, instanceId: string, leg: number): boolean {
  return newest?.instanceId === instanceId && leg <= newest.leg;
}
