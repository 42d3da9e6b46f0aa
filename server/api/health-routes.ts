import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { HubApi } from './hub-api.ts';

const Live = Type.Object({ status: Type.Literal('alive') });
const Ready = Type.Object({ status: Type.String(), reasons: Type.Array(Type.String()) });

/**
 * `/healthz` (the process answers), `/readyz` (503 with reasons while it cannot do all its work) and `/metrics`.
 * Open without a token, as load balancers and Prometheus expect; none shows a number that was dialled.
 */
export function healthRoutes(app: FastifyInstance, api: HubApi): void {
  app.get(
    '/healthz',
    { schema: { tags: ['health'], summary: 'The process answers.', response: { 200: Live } } },
    () => ({
      status: 'alive',
    }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether the hub can do all its work.',
        response: { 200: Ready, 503: Ready },
      },
    },
    async (_request, reply) => {
      const reasons = [...api.notReady()];
      return reasons.length === 0
        ? reply.send({ status: 'ready', reasons })
        : reply.code(503).send({ status: 'not ready', reasons });
    },
  );

  app.get('/metrics', { schema: { tags: ['health'], summary: 'Metrics for Prometheus.' } }, async (_request, reply) => {
    const { contentType, text } = await api.metrics();
    return reply.type(contentType).send(text);
  });
}
