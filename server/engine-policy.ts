import type { HubConfig } from './config-schema.ts';
import type { EnginePolicy } from './engine.ts';
import { aliveCodes } from './paths/alive-codes.ts';
import { PATH_POLICY } from './paths/path-policy.ts';
import { ROUTE_POLICY, type RoutePolicy } from './routing/route-policy.ts';

/** Settings of the engine's stages as a checked configuration has them. */
export function enginePolicy({ correlate, health, providers, routing }: HubConfig): EnginePolicy {
  return {
    minQuietMs: correlate.minQuietMs,
    paths: {
      ...PATH_POLICY,
      staleAfterMs: health.staleAfterMs,
      sick: {
        ...PATH_POLICY.sick,
        sickEventLoopMs: health.sickEventLoopMs,
        sickSelfProbeMs: health.sickSelfProbeMs,
      },
      aliveCodes: new Map(providers.map(({ provider, options }) => [provider, aliveCodes(options.aliveCodes)])),
    },
    routes: routePolicy(routing),
  };
}

/** Settings of the routing stage as the configuration, or a what-if, has them. */
export function routePolicy(routing: HubConfig['routing']): RoutePolicy {
  return {
    ...ROUTE_POLICY,
    holdDownMs: routing.holdDownMs,
    maxHoldDownMs: routing.maxHoldDownMs,
    halfOpenMs: routing.halfOpenMs,
    halfOpenSamples: routing.halfOpenSamples,
    minDwellMs: Math.min(ROUTE_POLICY.minDwellMs, routing.holdDownMs),
    maxChangedRatio: routing.maxChangedRatio,
    isCanaryOn: routing.canaryPercent > 0,
    canary: {
      sharePercents: [routing.canaryPercent, ...ROUTE_POLICY.canary.sharePercents.slice(1)],
      stepMs: routing.rampStepMs,
      calls: routing.canaryCalls,
      probesAloneAfterMs: routing.probesAloneAfterMs,
    },
    shedBelowLossRatio: routing.shedBelowLossRatio,
  };
}
