import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, REFUSALS } from './view-schemas.ts';

const RecordingQuery = Type.Object(
  {
    /** Seconds until the recording ends. */
    forS: Type.Integer({ minimum: 1, maximum: 86_400, default: 60 }),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/recording`: what the hub takes in from now on, as `trunkward replay` reads it. */
export function recordingRoutes(app: FastifyInstance, api: HubApi): void {
  app.get<{ Querystring: Static<typeof RecordingQuery> }>(
    '/api/v1/recording',
    {
      onRequest: requireRole(api, 'operator'),
      schema: {
        tags: ['evidence'],
        summary: 'Frames of all probes as they come, one JSON object a line, for so many seconds.',
        querystring: RecordingQuery,
        response: { ...REFUSALS, 429: ErrorBody },
      },
    },
    async (request, reply) => {
      const stream = api.record(request.query.forS * 1000, request.actor);
      if (!stream) {
        return reply.code(429).send({ code: 'TOO_MANY_RECORDINGS', message: 'as many recordings run as may' });
      }
      return reply.type('application/x-ndjson').send(stream);
    },
  );
}
