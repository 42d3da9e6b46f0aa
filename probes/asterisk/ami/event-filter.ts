import type { AmiAction } from './action-encoder.ts';

/**
 * Events of the classes we ask for that nothing here reads, by how often a busy PBX sends them. Left out by name, never the other way
 * round: a filter that could not be set then costs some bytes, and no event that is needed.
 */
const UNNEEDED_EVENTS = [
  'DeviceStateChange',
  'ExtensionStatus',
  'PresenceStateChange',
  'BridgeCreate',
  'BridgeEnter',
  'BridgeLeave',
  'BridgeMerge',
  'BridgeDestroy',
  'NewConnectedLine',
  'NewCallerid',
  'NewAccountCode',
  'LocalBridge',
  'LocalOptimizationBegin',
  'LocalOptimizationEnd',
  'MusicOnHoldStart',
  'MusicOnHoldStop',
  'Hold',
  'Unhold',
  'ChannelTalkingStart',
  'ChannelTalkingStop',
  'TestEvent',
] as const;

/**
 * Actions that make Asterisk itself leave out what nobody reads, for this connection only. They need class `system`; an Asterisk
 * from before 18.25, 20.10 and 22 refuses or ignores them.
 *
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/AMI-Event-Filtering
 */
export function eventFilterActions(): readonly AmiAction[] {
  return UNNEEDED_EVENTS.map((name) => ({
    name: 'Filter',
    fields: [
      ['Operation', 'Add'],
      ['MatchCriteria', `action(exclude),name(${name})`],
    ],
  }));
}
