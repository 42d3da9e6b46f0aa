import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { Identifier } from '../../wire/identifiers.ts';
import { Mode } from '../../wire/plan.ts';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, REFUSALS, RouteExplanationView } from './view-schemas.ts';

const closed = { additionalProperties: false } as const;
const Text = Type.String();
const Reason = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }));
const Ms = (maximum: number) => Type.Optional(Type.Integer({ minimum: 0, maximum }));

const State = Type.Union(
  (['unknown', 'unmeasurable', 'probe-blocked', 'healthy', 'degraded', 'hard-down'] as const).map((each) =>
    Type.Literal(each),
  ),
);

/** Settings of routing that may be supposed; those not named stay as they are. */
const PolicyChange = Type.Object(
  {
    holdDownMs: Ms(3_600_000),
    maxHoldDownMs: Ms(86_400_000),
    halfOpenMs: Ms(3_600_000),
    halfOpenSamples: Ms(10_000),
    canaryPercent: Ms(20),
    canaryCalls: Ms(60),
    rampStepMs: Ms(3_600_000),
    probesAloneAfterMs: Ms(86_400_000),
    shedBelowLossRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    maxChangedRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  closed,
);

/** A question: what would become of the routes of one PBX if. */
export const SimulationQuestion = Type.Object(
  {
    pbx: Identifier,
    /** Trunks whose paths from this PBX are supposed to be in a state. */
    trunks: Type.Optional(
      Type.Array(
        Type.Object(
          { trunk: Identifier, state: State, lossRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })) },
          closed,
        ),
        { maxItems: 50 },
      ),
    ),
    /** A named verdict on a provider, or on a site. */
    verdict: Type.Optional(
      Type.Object(
        {
          of: Type.Union([Type.Object({ provider: Identifier }, closed), Type.Object({ site: Identifier }, closed)]),
          lossRatio: Type.Number({ minimum: 0, maximum: 1 }),
        },
        closed,
      ),
    ),
    pin: Type.Optional(Type.Object({ trunk: Identifier, class: Type.Optional(Identifier), reason: Reason }, closed)),
    maintenance: Type.Optional(
      Type.Object(
        {
          of: Type.Union([Type.Object({ provider: Identifier }, closed), Type.Object({ trunk: Identifier }, closed)]),
          forS: Type.Integer({ minimum: 1, maximum: 86_400 }),
          reason: Reason,
        },
        closed,
      ),
    ),
    policy: Type.Optional(PolicyChange),
    mode: Type.Optional(Mode),
    /** So many seconds are played. */
    forS: Type.Integer({ minimum: 0, maximum: 900, default: 120 }),
  },
  closed,
);
/** Static type of {@link SimulationQuestion}. */
export type SimulationQuestion = Static<typeof SimulationQuestion>;

const Answer = Type.Object({
  before: Type.Array(RouteExplanationView),
  changes: Type.Array(
    Type.Object({
      afterS: Type.Number(),
      class: Text,
      trunks: Type.Array(Type.Object({ trunk: Text, weight: Type.Integer({ minimum: 0 }) })),
      reason: Text,
      isFlip: Type.Boolean(),
    }),
  ),
  after: Type.Array(RouteExplanationView),
});

/** The longest what-if takes about a second beside a busy hub. */
const RETRY_AFTER_S = 5;

/** `POST /api/v1/routes/simulate`: what would follow; nothing is changed, so a viewer may ask. */
export function simulationRoutes(app: FastifyInstance, api: HubApi): void {
  app.post<{ Body: SimulationQuestion }>(
    '/api/v1/routes/simulate',
    {
      onRequest: requireRole(api, 'viewer'),
      schema: {
        tags: ['view'],
        summary: "What would become of a PBX's routes under supposed health, verdicts, orders or settings.",
        body: SimulationQuestion,
        response: { 200: Answer, ...REFUSALS, 404: ErrorBody, 413: ErrorBody, 415: ErrorBody },
      },
    },
    async (request, reply) => {
      const result = await api.simulate(request.body, request.actor);
      if (result === 'busy') {
        const message = `too many what-ifs are being played: ask again in ${RETRY_AFTER_S} s`;
        return reply.header('retry-after', RETRY_AFTER_S).code(503).send({ code: 'SIMULATIONS_BUSY', message });
      }
      if (result === 'unknown-pbx') {
        const message = `no probe of ${request.body.pbx} has been heard of`;
        return reply.code(404).send({ code: 'UNKNOWN_PBX', message });
      }
      if ('faults' in result) {
        const message = result.faults.map((fault) => `body.${fault}`).join('; ');
        return reply.code(400).send({ code: 'BAD_REQUEST', message });
      }
      return reply.send(result.answer);
    },
  );
}
