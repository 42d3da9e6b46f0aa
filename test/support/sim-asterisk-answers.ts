import { error, fieldOf, type Line, ofAction, type ReceivedAction } from './sim-asterisk-session.ts';

/** What the answers are made of. `astdb` has whole paths as keys: `/family/key`. */
export type AnswerSource = {
  readonly astdb: Map<string, string>;
  readonly asteriskVersion: string;
  readonly hasDbGetTree: boolean;
  readonly startedAt: Date;
  readonly nowEpochMs: number;
  readonly channels: readonly (readonly Line[])[];
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
