import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryRun } from './command.ts';
import { type HostProcess, startProcess } from './host-process.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import type { CapturedTrips } from './round-trip-capture.ts';
import type { RunRecorder } from './run-record.ts';

/** Where a peer runs and whom it asks. */
export type PeerPlace = {
  readonly host: Host;
  readonly peerAddress: string;
  readonly perS: number;
  readonly forS: number;
  readonly folder: string;
  readonly cpu: number;
  readonly recorder: RunRecorder;
};

/** A round trip that a tool told, beside the captured one of the same request; of a mean, both are means. Milliseconds. */
export type ToldTrip = { readonly toldMs: number; readonly capturedMs: number };

/** What a tool told. `lost` counts requests that it says were never answered; undefined when it does not say. */
export type Told = { readonly trips: readonly ToldTrip[]; readonly lost: number | undefined };

/** A tool that measures round trips: how it is run, and how its own words are read beside the capture. */
export type RoundTripPeer = {
  readonly name: string;
  readonly filter: string;
  /** Runs it to its end; gives what {@link RoundTripPeer.read} needs. */
  readonly run: (place: PeerPlace) => Promise<string>;
  readonly read: (output: string, captured: CapturedTrips) => Told;
};

const TIMEOUT_MS = 2000;
const SIPP_SCENARIO = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="options">
  <send start_rtd="1">
    <![CDATA[
OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>
  <recv response="200" rtd="1" timeout="${TIMEOUT_MS}" />
</scenario>
`;

function start(place: PeerPlace, name: string, argv: readonly string[]): HostProcess {
  const { host, folder, cpu, recorder } = place;
  const spec = { name, argv: ['taskset', '-c', `${cpu}`, ...argv], logPath: join(folder, `${name}.log`), cwd: folder };
  return startProcess(host, spec, recorder);
}

async function runToEnd(place: PeerPlace, name: string, argv: readonly string[]): Promise<string> {
  const own = start(place, name, argv);
  await pollUntil(`${name} ends`, () => !own.isRunning, { timeoutMs: (place.forS + 60) * 1000 });
  return own.log;
}

/** Pairs what was told in the order of the replies with the capture in the same order. */
function inOrder(toldMs: readonly number[], { answered }: CapturedTrips): readonly ToldTrip[] {
  if (toldMs.length > answered.length) {
    throw new Error(`${toldMs.length} round trips told, ${answered.length} replies captured`);
  }
  return toldMs.map((told, at) => ({ toldMs: told, capturedMs: answered[at]?.rttMs ?? Number.NaN }));
}

/** One request after another, sent again after T1: as fast as it goes. @see sipsak(1), -A and -vv */
const sipsak: RoundTripPeer = {
  name: 'sipsak',
  filter: 'udp port 5060',
  run: async (place) => {
    const argv = ['sipsak', '-vv', '-A', `${place.forS * 50}`, '-s', `sip:probe@${place.peerAddress}:5060`];
    return await runToEnd(place, 'sipsak', argv);
  },
  read: (output, captured) => {
    const found = output.matchAll(/reply received (?:after ([\d.]+) ms|[\d.]+ ms after first send\s+and ([\d.]+) ms)/g);
    const toldMs = [...found].map(([, only, last]) => Number(only ?? last));
    return { trips: inOrder(toldMs, captured), lost: undefined };
  },
};

/** ICMP echo, one target. @see fping(8) */
const fping: RoundTripPeer = {
  name: 'fping',
  filter: 'icmp',
  run: async (place) => {
    const periodMs = 1000 / place.perS;
    const count = place.perS * place.forS;
    const pace = ['-p', `${periodMs}`, '-i', '1', '-t', `${TIMEOUT_MS}`, '-c', `${count}`];
    return await runToEnd(place, 'fping', ['fping', ...pace, place.peerAddress]);
  },
  read: (output, { trips }) => {
    const byKey = new Map(trips.map((trip) => [trip.key, trip.rttMs]));
    const told = [...output.matchAll(/\[(\d+)\], \d+ bytes, ([\d.]+) ms/g)].flatMap(([, sequence, toldMs]) => {
      const capturedMs = byKey.get(`echo/${sequence}`);
      return capturedMs === undefined ? [] : [{ toldMs: Number(toldMs), capturedMs }];
    });
    return { trips: told, lost: [...output.matchAll(/\[\d+\], timed out/g)].length };
  },
};

/** Kamailio's dispatcher with as many destinations as are asked in a second; it tells a mean of each. */
const dispatcher: RoundTripPeer = {
  name: 'kamailio dispatcher',
  filter: 'udp port 5060',
  run: async (place) => {
    const [address] = place.host.addresses;
    const [list, control, config] = ['list', 'ctl', 'cfg'].map((end) => join(place.folder, `dispatcher.${end}`));
    if (list === undefined || control === undefined || config === undefined) throw new Error('no folder');
    const destinations = Array.from({ length: place.perS }, (_, at) => `1 sip:d${at}@${place.peerAddress}:5060`);
    await writeFile(list, `${destinations.join('\n')}\n`);
    await writeFile(config, dispatcherConfig(address, list, control));
    const argv = ['kamailio', '-DD', '-E', '-f', config, '-m', '64', '-M', '8', '-Y', place.folder];
    const own = start(place, 'dispatcher', argv);
    await pollUntil('dispatcher listens', () => own.log.includes('Aliases:'), { timeoutMs: 20_000 });
    await pollUntil('its time is over', () => !own.isRunning, { timeoutMs: place.forS * 1000 }).catch(() => undefined);
    const { stdout } = await tryRun(['kamcmd', '-s', `unix:${control}`, 'dispatcher.list']);
    await own.stop();
    return stdout;
  },
  read: (output, { trips }) => {
    const captured = Map.groupBy(trips, ({ user }) => user);
    const told = [...output.matchAll(/URI: sip:(d\d+)@[^}]*?AVG: ([\d.]+)[^}]*?TIMEOUT: (\d+)/g)];
    return {
      trips: told.flatMap(([, user = '', meanMs]) => {
        const rttsMs = (captured.get(user) ?? []).flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs]));
        if (rttsMs.length === 0) return [];
        return [{ toldMs: Number(meanMs), capturedMs: rttsMs.reduce((sum, each) => sum + each, 0) / rttsMs.length }];
      }),
      lost: told.reduce((sum, [, , , timeouts]) => sum + Number(timeouts), 0),
    };
  },
};

function dispatcherConfig(address: string, list: string, control: string): string {
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:${address}:5070
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "ctl.so"
loadmodule "dispatcher.so"
modparam("ctl", "binrpc", "unix:${control}")
modparam("tm", "fr_timer", ${TIMEOUT_MS})
modparam("dispatcher", "list_file", "${list}")
modparam("dispatcher", "ds_ping_interval", 1)
modparam("dispatcher", "ds_ping_latency_stats", 1)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_ping_from", "sip:dispatcher@${address}")
request_route { exit; }
`;
}

/** SIPp with a scenario of one OPTIONS and no retransmission. @see sipp(1), -trace_rtt */
const sipp: RoundTripPeer = {
  name: 'sipp',
  filter: 'udp port 5060',
  run: async (place) => {
    const [address] = place.host.addresses;
    await writeFile(join(place.folder, 'options.xml'), SIPP_SCENARIO);
    const pace = ['-r', `${place.perS}`, '-m', `${place.perS * place.forS}`, '-l', `${place.perS * 10}`];
    const scenario = ['-sf', 'options.xml', '-default_behaviors', 'none', '-trace_rtt', '-rtt_freq', '1'];
    const from = ['-i', address, '-p', '5062', '-nostdin'];
    const own = start(place, 'sipp', ['sipp', `${place.peerAddress}:5060`, ...scenario, ...from, ...pace]);
    await pollUntil('sipp ends', () => !own.isRunning, { timeoutMs: (place.forS + 60) * 1000 });
    const rtts = await readFile(join(place.folder, `options_${own.pid}_rtt.csv`), 'utf8');
    return `${rtts}\n${own.log}`;
  },
  read: (output, captured) => {
    const toldMs = [...output.matchAll(/^[\d.]+;([\d.]+);1$/gm)].map(([, rttMs]) => Number(rttMs));
    const failed = [...output.matchAll(/Failed call\s+\|\s+\d+\s+\|\s+(\d+)/g)].at(-1)?.[1];
    return { trips: inOrder(toldMs, captured), lost: failed === undefined ? undefined : Number(failed) };
  },
};

/** The tools that the bench names, in the order they are run. */
export const ROUND_TRIP_PEERS: readonly RoundTripPeer[] = [sipsak, fping, dispatcher, sipp];
