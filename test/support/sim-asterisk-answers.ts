import { error, fieldOf, type Line, ofAction, type ReceivedAction } from './sim-asterisk-session.ts';

/** What the answers are made of. `astdb` has whole paths as keys: `/family/key`. */
export type AnswerSource = {
  readonly astdb: Map<string, string>;
  readonly asteriskVersion: string;
  readonly hasDbGetTree: boolean;
  readonly startedAt: Date;
  readonly nowEpochMs: number;
  readonly channels: readonly (readonly Line[])[];
  readonly statuses: readonly { readonly channel: string; readonly lines: readonly Line[] }[];
  readonly contacts: ReadonlyMap<string, SimContact>;
  readonly registrations: ReadonlyMap<string, string>;
};

/** The one contact of an endpoint, and what qualify last found of it. */
export type SimContact = {
  readonly uri: string;
  readonly status: 'Reachable' | 'Unreachable';
  readonly roundTripUs: number;
  readonly frequencyS: number;
};

type Packets = readonly (readonly Line[])[];

/** Answers one action of a logged-in session with the texts of Asterisk 22.10.1. */
export function answerAction(action: ReceivedAction, source: AnswerSource): Packets {
  const { name, actionId } = action;
  switch (name.toLowerCase()) {
    case 'ping':
      return [success(actionId, ['Ping', 'Pong'], ['Timestamp', (source.nowEpochMs / 1000).toFixed(6)])];
    case 'coresettings':
      return [
        success(
          actionId,
          ['AMIversion', '11.0.0'],
          ['AsteriskVersion', source.asteriskVersion],
          ['SystemName', ''],
          ['CoreMaxCalls', '0'],
          ['CoreMaxLoadAvg', '0.000000'],
          ['CoreCDRenabled', 'Yes'],
          ['CoreHTTPenabled', 'No'],
        ),
      ];
    case 'corestatus':
      return [coreStatus(actionId, source)];
    case 'coreshowchannels':
      return list(actionId, 'CoreShowChannel', 'Channels will follow', source.channels);
    case 'status': {
      const items = source.statuses.filter(({ channel }) => channel === fieldOf(action, 'Channel'));
      if (items.length === 0) return [error(actionId, 'No such channel')];
      const found = items.map(({ lines }) => lines);
      return list(actionId, 'Status', 'Channel status will follow', found);
    }
    case 'pjsipshowendpoint':
      return answerEndpoint(action, source.contacts);
    case 'pjsipshowregistrationsoutbound':
      return answerRegistrations(actionId, source.registrations);
    case 'dbput':
    case 'dbget':
    case 'dbdel':
      return answerEntry(action, source.astdb);
    case 'dbgettree':
      if (source.hasDbGetTree) return answerTree(action, source.astdb);
      break;
  }
  const hint = 'Use Action: ListCommands to show available commands.';
  return [error(actionId, `Invalid/unknown command: ${name}. ${hint}`)];
}

/** The contact says 0 for its interval, as Asterisk 22.10.1 does of a contact in pjsip.conf; the AOR says it. */
function answerEndpoint(action: ReceivedAction, contacts: ReadonlyMap<string, SimContact>): Packets {
  const { actionId } = action;
  const endpoint = fieldOf(action, 'Endpoint') ?? '';
  const contact = contacts.get(endpoint);
  if (contact === undefined) return [error(actionId, `Unable to retrieve endpoint ${endpoint}`)];
  const { frequencyS, roundTripUs, status, uri } = contact;
  const items: Packets = [
    [
      ['Event', 'AorDetail'],
      ['ObjectType', 'aor'],
      ['ObjectName', endpoint],
      ['QualifyTimeout', '3.000000'],
      ['QualifyFrequency', String(frequencyS)],
    ],
    [
      ['Event', 'ContactStatusDetail'],
      ['AOR', endpoint],
      ['URI', uri],
      ['Status', status],
      ['RoundtripUsec', status === 'Reachable' ? String(roundTripUs) : 'N/A'],
      ['QualifyFrequency', '0'],
      ['QualifyTimeout', '3.000'],
    ],
  ];
  const message = 'Following are Events for each object associated with the Endpoint';
  return [
    success(actionId, ['EventList', 'start'], ['Message', message]),
    ...items.map((lines): readonly Line[] => [...lines, ...ofAction(actionId)]),
    [['Event', 'EndpointDetailComplete'], ...ofAction(actionId), ['EventList', 'Complete'], ['ListItems', '2']],
  ];
}

function answerRegistrations(actionId: string | undefined, registrations: ReadonlyMap<string, string>): Packets {
  if (registrations.size === 0) return [error(actionId, 'No Outbound registrations found')];
  const items = [...registrations].map(([endpoint, status]): readonly Line[] => [
    ['ObjectType', 'registration'],
    ['ObjectName', `reg-${endpoint}`],
    ['Endpoint', endpoint],
    ['Status', status],
    ['NextReg', '0'],
  ]);
  return list(actionId, 'OutboundRegistrationDetail', 'Following are Events for each Outbound registration', items);
}

function answerEntry(action: ReceivedAction, astdb: Map<string, string>): Packets {
  const { actionId } = action;
  const family = fieldOf(action, 'Family') ?? '';
  const key = fieldOf(action, 'Key') ?? '';
  const isPut = action.name.toLowerCase() === 'dbput';
  const stop = isPut ? '' : '.';
  if (family === '') return [error(actionId, `No family specified${stop}`)];
  if (key === '') return [error(actionId, `No key specified${stop}`)];
  const path = `/${family}/${key}`;
  if (isPut) {
    astdb.set(path, fieldOf(action, 'Val') ?? '');
    return [success(actionId, ['Message', 'Updated database successfully'])];
  }
  if (action.name.toLowerCase() === 'dbdel') {
    if (!astdb.delete(path)) return [error(actionId, 'Database entry could not be deleted')];
    return [success(actionId, ['Message', 'Key deleted successfully'])];
  }
  const value = astdb.get(path);
  if (value === undefined) return [error(actionId, 'Database entry not found')];
  const items = [
    [
      ['Family', family],
      ['Key', key],
      ['Val', value],
    ] as const,
  ];
  return list(actionId, 'DBGet', 'Result will follow', items, 'DBGetResponse');
}

function answerTree(action: ReceivedAction, astdb: ReadonlyMap<string, string>): Packets {
  const family = fieldOf(action, 'Family');
  const key = fieldOf(action, 'Key');
  const prefix = family === undefined ? '/' : `/${family}/${key === undefined ? '' : `${key}/`}`;
  const items = [...astdb]
    .filter(([path]) => path.startsWith(prefix))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, value]): readonly Line[] => [
      ['Key', path],
      ['Val', value],
    ]);
  return list(action.actionId, 'DBGetTree', 'Result will follow', items, 'DBGetTreeResponse');
}

function coreStatus(actionId: string | undefined, source: AnswerSource): readonly Line[] {
  const [date = '', time = ''] = source.startedAt.toISOString().slice(0, 19).split('T');
  return success(
    actionId,
    ['CoreStartupDate', date],
    ['CoreStartupTime', time],
    ['CoreReloadDate', date],
    ['CoreReloadTime', time],
    ['CoreCurrentCalls', String(source.channels.length)],
  );
}

function list(actionId: string | undefined, name: string, message: string, items: Packets, itemEvent = name): Packets {
  const complete = name === 'CoreShowChannel' ? 'CoreShowChannelsComplete' : `${name}Complete`;
  return [
    success(actionId, ['EventList', 'start'], ['Message', message]),
    ...items.map((lines): readonly Line[] => [['Event', itemEvent], ...lines, ...ofAction(actionId)]),
    [['Event', complete], ...ofAction(actionId), ['EventList', 'Complete'], ['ListItems', String(items.length)]],
  ];
}

function success(actionId: string | undefined, ...lines: readonly Line[]): readonly Line[] {
  return [['Response', 'Success'], ...ofAction(actionId), ...lines];
}
