import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PingRun, parsePingOutput } from '../../../../probes/measure/icmp/ping-output.ts';

// Printed by iputils 20221126 of Debian 12 in network namespaces made for the purpose.
const EVERY_OTHER_LOST = `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
[1795499940.186401] no answer yet for icmp_seq=1
[1795499940.186518] 64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.042 ms
[1795499940.826336] no answer yet for icmp_seq=3
[1795499940.826426] 64 bytes from 127.0.0.1: icmp_seq=4 ttl=64 time=0.040 ms

--- 127.0.0.1 ping statistics ---
5 packets transmitted, 2 received, 60% packet loss, time 1273ms
rtt min/avg/max/mdev = 0.040/0.041/0.042/0.001 ms
`;
const NO_NEIGHBOUR = `PING 203.0.113.9 (203.0.113.9) 56(84) bytes of data.
[1795499934.746425] no answer yet for icmp_seq=1
[1795499935.770412] no answer yet for icmp_seq=2
[1795499936.795205] From 203.0.113.1 icmp_seq=1 Destination Host Unreachable
[1795499936.795267] From 203.0.113.1 icmp_seq=2 Destination Host Unreachable
[1795499936.795273] From 203.0.113.1 icmp_seq=3 Destination Host Unreachable
[1795499936.795276] no answer yet for icmp_seq=3
[1795499937.818421] no answer yet for icmp_seq=4

--- 203.0.113.9 ping statistics ---
5 packets transmitted, 0 received, +3 errors, 100% packet loss, time 4096ms
pipe 4
`;
const FILTERED_HERE = `PING 127.0.0.9 (127.0.0.9) 56(84) bytes of data.
[1795499938.849821] From 127.0.0.9 icmp_seq=1 Packet filtered
ping: sendmsg: Operation not permitted
[1795499939.866613] no answer yet for icmp_seq=1
[1795499939.866690] From 127.0.0.9 icmp_seq=2 Packet filtered
ping: sendmsg: Operation not permitted
[1795499939.866726] From 127.0.0.9 icmp_seq=2 Packet filtered

--- 127.0.0.9 ping statistics ---
2 packets transmitted, 0 received, +3 errors, 100% packet loss, time 1018ms

`;
const CUT_BY_SIGNAL = `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
[1795499947.161649] 64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.024 ms
[1795499948.186427] 64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.037 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 received, 33% packet loss, time 1025ms
rtt min/avg/max/mdev = 0.024/0.030/0.037/0.006 ms
`;
const SIX = `PING ::1(::1) 56 data bytes
[1795499909.820771] 64 bytes from ::1: icmp_seq=1 ttl=64 time=0.027 ms
[1795499910.842486] 64 bytes from ::1: icmp_seq=2 ttl=64 time=0.038 ms

--- ::1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 1022ms
`;

function kinds(run: PingRun): readonly string[] {
  return run.ok ? run.packets.map(({ kind, echoSequence }) => `${echoSequence} ${kind}`) : [`fault ${run.fault}`];
}

describe('parsePingOutput', () => {
  test('gives each request its own fate, the last one too, of which ping prints nothing', () => {
    const run = parsePingOutput(EVERY_OTHER_LOST, true);
    expect(kinds(run)).toEqual(['1 unanswered', '2 answered', '3 unanswered', '4 answered', '5 unanswered']);
    expect(run.ok && run.packets[1]).toEqual({
      kind: 'answered',
      echoSequence: 2,
      rttMs: 0.042,
      hopLimit: 64,
      atEpochMs: 1_795_499_940_186.518,
    });
    expect(run.ok && run.unsent).toBe(0);
  });

  test('reads IPv6', () => {
    expect(kinds(parsePingOutput(SIX, true))).toEqual(['1 answered', '2 answered']);
  });

  test('an ICMP error beats "no answer yet" and keeps who sent it', () => {
    const run = parsePingOutput(NO_NEIGHBOUR, true);
    expect(kinds(run)).toEqual(['1 unreachable', '2 unreachable', '3 unreachable', '4 unanswered', '5 unanswered']);
    expect(run.ok && run.packets[0]).toMatchObject({ from: '203.0.113.1' });
  });

  test('counts the requests that the kernel refused to send', () => {
    expect(parsePingOutput(FILTERED_HERE, true)).toMatchObject({ ok: true, unsent: 2 });
  });

  test('of a run cut off, a request without its wait is left out, never lost', () => {
    expect(kinds(parsePingOutput(CUT_BY_SIGNAL, false))).toEqual(['1 answered', '2 answered']);
    expect(kinds(parsePingOutput(CUT_BY_SIGNAL, true))).toEqual(['1 answered', '2 answered', '3 unanswered']);
    expect(kinds(parsePingOutput('', false))).toEqual([]);
  });

  test('a late reply is a reply, a duplicate is counted once, damaged or foreign replies not at all', () => {
    const text = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
[1000.000000] no answer yet for icmp_seq=1
[1000.500000] 64 bytes from 192.0.2.1: icmp_seq=1 ttl=60 time=1500 ms
[1000.600000] 64 bytes from 192.0.2.1: icmp_seq=2 ttl=60 time=600 ms
[1000.700000] 64 bytes from 192.0.2.1: icmp_seq=2 ttl=60 time=700 ms (DUP!)
[1001.100000] 64 bytes from 192.0.2.1: icmp_seq=3 ttl=60 time=99.0 ms (BAD CHECKSUM!)
[1002.100000] 64 bytes from 192.0.2.7: icmp_seq=4 ttl=60 time=98.0 ms (DIFFERENT ADDRESS!)
[1003.100000] From 192.0.2.254: icmp_seq=5 Redirect Host(New nexthop: 192.0.2.1)
[1003.200000] 64 bytes from 192.0.2.1: icmp_seq=5 ttl=60 time=20.5 ms

--- 192.0.2.1 ping statistics ---
5 packets transmitted, 3 received, +1 duplicates, 40% packet loss, time 4000ms
`;
    const run = parsePingOutput(text, true);
    expect(kinds(run)).toEqual(['1 answered', '2 answered', '3 unanswered', '4 unanswered', '5 answered']);
    expect(run.ok && run.packets.map((packet) => (packet.kind === 'answered' ? packet.rttMs : undefined))).toEqual([
      1500,
      600,
      undefined,
      undefined,
      20.5,
    ]);
  });

  test.each([
    ['ping: connect: Network is unreachable\n', 'no-route'],
    ['ping: connect: No route to host\n', 'no-route'],
    ['ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n', 'no-route'],
    ['ping: connect: Invalid argument\n', 'socket-error'],
    ['ping: bind: Cannot assign requested address\n', 'socket-error'],
    [
      'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\nping: => missing cap_net_raw+p capability or setuid?\n',
      'not-permitted',
    ],
    ['', 'program-failed'],
    ['sh: something else\n', 'program-failed'],
  ])('%j measured nothing: %s, never 100 %% loss (rule 2)', (text, fault) => {
    expect(parsePingOutput(text, true)).toMatchObject({ ok: false, fault });
  });

  test('a wall clock stepped back falsifies round trips, so the run is a fault', () => {
    const text = EVERY_OTHER_LOST.replace(
      '\n[',
      '\nping: Warning: time of day goes back (-23us), taking countermeasures\n[',
    );
    expect(parsePingOutput(text, true)).toMatchObject({ ok: false, fault: 'clock-stepped' });
  });

  test('never throws and never numbers a packet twice, whatever ping prints', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...EVERY_OTHER_LOST.split('\n'), ...NO_NEIGHBOUR.split('\n'), ...FILTERED_HERE.split('\n')),
    );
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, isComplete) => {
        const run = parsePingOutput(lines.join('\n'), isComplete);
        if (!run.ok) return;
        const numbers = run.packets.map(({ echoSequence }) => echoSequence);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { seed: 20_241, numRuns: 500 },
    );
  });
});
