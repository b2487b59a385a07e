import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { expressHost, expressHostWithParserFirst } from "./express-host.ts";
import { fastifyHost, fastifyHostWithParserFirst } from "./fastify-host.ts";
import { nextHost } from "./next-host.ts";
import { nestHost, nestHostWithParserFirst } from "./nest-host.ts";
import { mountedIn, type Host } from "./host-suite.ts";

async function listening(server: Server): Promise<Host> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const served = (listener: RequestListener): Promise<Host> => listening(createServer(listener));

mountedIn("Express", {
  start: (shop) => served(expressHost(shop)),
  startParsing: (shop) => served(expressHostWithParserFirst(shop)),
  tellsAddress: true,
});

mountedIn("a route handler of Next", {
  base: "/shop",
  start: (shop) => served(nextHost(shop)),
  tellsAddress: false,
});

async function fastify(server: FastifyInstance): Promise<Host> {
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  const close = async (): Promise<void> => {
    server.server.closeAllConnections();
    await server.close();
  };
  return { url, close };
}

mountedIn("Fastify", {
  base: "/shop",
  start: async (shop) => fastify(await fastifyHost(shop)),
  startParsing: async (shop) => fastify(await fastifyHostWithParserFirst(shop)),
  tellsAddress: true,
});

async function nest(server: NestExpressApplication): Promise<Host> {
  await server.listen(0, "127.0.0.1");
  const close = async (): Promise<void> => {
    server.getHttpServer().closeAllConnections();
    await server.close();
  };
  return { url: await server.getUrl(), close };
}

mountedIn("Nest", {
  start: async (shop) => nest(await nestHost(shop)),
  startParsing: async (shop) => nest(await nestHostWithParserFirst(shop)),
  tellsAddress: true,
});
