import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canRunMtr } from '../../../probes/measure/trace/mtr-probe.ts';
import { TraceRunner } from '../../../probes/trace-runner.ts';
import { judgeTrace, type TraceBody, type TraceJudgement } from '../../../server/orders/trace-judgement.ts';
import { run } from '../command.ts';
import type { Lab } from '../lab.ts';
import type { Host } from '../network.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

/** Counted off, not drawn: 30 probes drawn at random can lose too few to be told from chance. */
const ONE_IN = 3;
/** A reply in four seconds, after a burst of six. */
const LIMITED_MS = 4000;

/** Hops of the way: the core, the router in the middle, the core again, the target. */
const MIDDLE_HOP = 2;
const HOPS = 4;

async function sysctl(namespace: string, setting: string): Promise<void> {
  await run(['ip', 'netns', 'exec', namespace, 'sysctl', '-q', '-w', setting]);
}

async function nft(namespace: string, text: string): Promise<void> {
  await run(['ip', 'netns', 'exec', namespace, 'nft', '-f', '-'], { input: text });
}

/** Leads what `near` sends to `far` through `middle`; the way back is the straight one. */
async function routeThrough(lab: Lab, near: Host, middle: Host, far: Host): Promise<void> {
  const { core } = lab.network;
  const subnet = (host: Host) => host.addresses[0].replace(/\.\d+$/, '.0/24');
  const rule = ['rule', 'add', 'from', subnet(near), 'to', subnet(far), 'iif', 'h1', 'lookup', '100'];
  await run(['ip', '-n', core, ...rule]);
  await run(['ip', '-n', core, 'route', 'add', subnet(far), 'via', middle.addresses[0], 'table', '100']);
  for (const setting of [
    'net.ipv4.ip_forward=1',
    'net.ipv4.conf.all.send_redirects=0',
    'net.ipv4.conf.eth0.send_redirects=0',
  ])
    await sysctl(middle.namespace, setting);
  for (const { namespace } of [{ namespace: core }, middle, far]) await sysctl(namespace, 'net.ipv4.icmp_ratelimit=0');
}

/** Orders one trace from a runner that has the real mtr, in the namespace of `near`. */
async function trace(lab: Lab, program: string, far: Host): Promise<{ body: TraceBody; judgement: TraceJudgement }> {
  const traces: TraceBody[] = [];
  const target = 'a.a1';
  const runner = new TraceRunner({
    program,
    isEnabled: true,
    protocol: 'icmp',
    targets: () => [
      {
        target,
        description: { target, kind: 'trunk', trunk: 'a', edge: 'a1' },
        address: far.addresses[0],
        port: 5060,
        requestUri: `sip:${far.addresses[0]}:5060`,
        trunk: 'a',
        transport: 'udp',
      },
    ],
    sourceAddress: undefined,
    heldFence: () => 0,
    emit: (body) => {
      if (body.kind === 'trace') traces.push(body);
    },
    onEnded: () => undefined,
    onFault: (_, cause) => {
      throw cause;
    },
  });
  runner.take({ v: 1, type: 'command', commandId: 'lab-trace', fence: 0, command: { kind: 'trace', target } });
  await pollUntil('the trace', () => traces.length > 0, { timeoutMs: 70_000, intervalMs: 200, signal: lab.signal });
  await runner.close();
  const [body] = traces;
  if (!body) throw new Error('no trace came');
  return { body, judgement: judgeTrace(`near to ${target}`, body) };
}

const counts = ({ hops }: TraceBody) => hops.map(({ address, lost, sent }) => `${address ?? '???'} ${lost}/${sent}`);

/** Three routers on the way: one that drops a third of what it forwards is to blame, one that limits its replies is not. */
export const scenario: Scenario = {
  name: 'trace',
  smoke: false,
  run: async (lab) => {
    const near = await lab.network.addHost('near');
    const middle = await lab.network.addHost('middle');
    const far = await lab.network.addHost('far');
    await routeThrough(lab, near, middle, far);
    const program = join(lab.folder, 'mtr-near');
    await writeFile(program, `#!/bin/sh\nexec ip netns exec ${near.namespace} mtr "$@"\n`);
    await chmod(program, 0o755);
    lab.check('the installed mtr writes JSON', await canRunMtr(program), {});

    await sysctl(middle.namespace, `net.ipv4.icmp_ratelimit=${LIMITED_MS}`);
    const limited = await trace(lab, program, far);
    const { judgement: calm } = limited;
    const isCalm = calm.kind === 'no-loss' && calm.rateLimitedHops.join() === String(MIDDLE_HOP);
    lab.check(
      'a router that limits its replies is named so and not blamed',
      isCalm && limited.body.hops.length === HOPS,
      {
        hops: counts(limited.body),
        sentence: calm.sentence,
      },
    );
    await sysctl(middle.namespace, 'net.ipv4.icmp_ratelimit=0');

    await nft(
      middle.namespace,
      `add table inet lab\nadd chain inet lab fw { type filter hook forward priority 0; }\nadd rule inet lab fw numgen inc mod ${ONE_IN} < 1 counter drop\n`,
    );
    const lossy = await trace(lab, program, far);
    const { judgement: blame } = lossy;
    const isBlamed = blame.kind === 'blamed' && blame.afterHop === MIDDLE_HOP && blame.fromHop === MIDDLE_HOP + 1;
    lab.check('a router that drops one packet in three is where the loss begins', isBlamed, {
      hops: counts(lossy.body),
      sentence: blame.sentence,
    });
  },
};
