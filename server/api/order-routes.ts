import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, ModeChange, REFUSALS, StopChange } from './view-schemas.ts';

const Done = Type.Object({ status: Type.Literal('done') });

/** `POST /api/v1/{modes,stop}`: what a person orders; each order is in the journal before it is in force (rule 7). */
export function orderRoutes(app: FastifyInstance, api: HubApi): void {
  const responses = { 200: Done, ...REFUSALS, 404: ErrorBody, 413: ErrorBody, 415: ErrorBody };

  app.post<{ Body: Static<typeof ModeChange> }>(
    '/api/v1/modes',
    {
      onRequest: requireRole(api, 'admin'),
      schema: {
        tags: ['orders'],
        summary: 'Observe or enforce, per function and scope.',
        body: ModeChange,
        response: responses,
      },
    },
    async (request, reply) => {
      const { scope = {}, ...order } = request.body;
      const outcome = await api.setMode({ ...order, scope, actor: request.actor });
      if (outcome === 'unknown-scope') {
        return reply.code(404).send({ code: 'UNKNOWN_SCOPE', message: `${JSON.stringify(scope)} is not configured` });
      }
      return reply.send({ status: 'done' });
    },
  );

  app.post<{ Body: Static<typeof StopChange> }>(
    '/api/v1/stop',
    {
      onRequest: requireRole(api, 'operator'),
      schema: {
        tags: ['orders'],
        summary: 'The global stop switch: nothing is changed while it is on.',
        body: StopChange,
        response: responses,
      },
    },
    async (request, reply) => {
      await api.setStopped(request.body.isStopped, request.actor, request.body.reason);
      return reply.send({ status: 'done' });
    },
  );
}
