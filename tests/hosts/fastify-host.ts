import type { Mounted } from "banyan";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

/** A team's own Fastify application, with Banyan below `/shop`. */
export async function fastifyHost(shop: Mounted): Promise<FastifyInstance> {
  // #region fastify
  const server = Fastify();
  await server.register(async (below) => {
    // within this plugin bodies are left unread
    below.removeAllContentTypeParsers();
    below.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const hand = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      reply.hijack(); // the answer is not Fastify's
      await shop.listener(request.raw, reply.raw);
    };
    below.all("/shop", hand);
    below.all("/shop/*", hand);
  });
  server.post("/echo", async (request) => ({ heard: request.body }));
  // #endregion
  return server;
}

/** As it must not be: Fastify's own parser takes the body before Banyan can. */
export async function fastifyHostWithParserFirst(shop: Mounted): Promise<FastifyInstance> {
  const server = Fastify();
  server.all("/shop/*", async (request, reply) => {
    reply.hijack();
    await shop.listener(request.raw, reply.raw);
  });
  return server;
}
