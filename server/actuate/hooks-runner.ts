import type { Secret } from '../../wire/secret.ts';
import type { Delivery } from '../store/delivery-store.ts';
import type { ActuatorsConfig } from './actuator-schema.ts';
import { type DeliveryDeps, DeliveryRunner } from './delivery-runner.ts';
import type { AttemptResult } from './delivery-schedule.ts';
import { type FlipNews, flipDeliveries } from './flip-message.ts';
import type { HookProgram, Webhook } from './hook-policy.ts';
import { runProgram } from './program-runner.ts';
import { postMessage } from './webhook-client.ts';

/** What webhooks and programs are opened with. */
export type HooksDeps = Omit<DeliveryDeps, 'hooks' | 'attempt' | 'chance'> & {
  readonly config: Pick<ActuatorsConfig, 'webhooks' | 'exec'>;
  /** By `webhook NAME`. */
  readonly secrets: ReadonlyMap<string, Secret>;
};

/** Opens the webhooks and programs of the hub's own file, and takes up what an earlier life left to be delivered. */
export async function openHooks(
  deps: HooksDeps,
): Promise<{ readonly runner: DeliveryRunner; readonly news: FlipNews }> {
  const { config, nowMs, secrets } = deps;
  const hooks: readonly (Webhook | HookProgram)[] = [
    ...config.webhooks.map((entry): Webhook => ({ ...entry, actuator: 'webhook' })),
    ...config.exec.map((entry): HookProgram => ({ ...entry, actuator: 'exec' })),
  ];
  const attempt = (hook: Webhook | HookProgram, delivery: Delivery, signal: AbortSignal): Promise<AttemptResult> => {
    const { attempts, body, deliveryId } = delivery;
    if (hook.actuator === 'exec') return runProgram(hook, { id: deliveryId, attempt: attempts + 1, body }, signal);
    const secret = secrets.get(`webhook ${hook.name}`);
    if (!secret) return Promise.resolve({ kind: 'refused', reason: 'its secret is missing' });
    const message = { id: deliveryId, timestampS: Math.floor(nowMs() / 1000), body };
    return postMessage(hook, message, secret, signal);
  };
  const runner = new DeliveryRunner({ ...deps, hooks, attempt, chance: Math.random });
  await runner.recall();
  return {
    runner,
    news: {
      deliveriesOf: (flips, routeOf, fence) =>
        flipDeliveries(
          hooks,
          flips.map((flip) => ({ flip, route: routeOf(flip), fence })),
        ),
      take: (deliveries) => runner.take(deliveries),
      deliver: (deliveries) => runner.deliver(deliveries),
    },
  };
}
