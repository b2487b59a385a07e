import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:net";
import { app } from "@banyan/core";
import { expect, test } from "vitest";
import { nodeTurn } from "../platform/turn.ts";
import { Edge } from "./edge.ts";
import { DEFAULT_HTTP_LIMITS } from "./limits.ts";
import { HttpServer } from "./server.ts";

const edge = (): Edge =>
  new Edge({
    app: app({ contexts: [] }),
    auth: [],
    runtime: {
      status: {} as never,
      delivery: {} as never,
      load: { commands: 0, turnMs: 0 },
      execute: () => Promise.reject(new Error("nothing is executed here")),
    },
    ops: {} as never,
    settings: {},
    data: "",
    token: undefined,
    hosts: "any",
    limits: DEFAULT_HTTP_LIMITS,
    log: {} as never,
    words: false,
  });

test("connections that wait are accepted before the next turn, and not one in each", async () => {
  const server = new HttpServer(edge(), DEFAULT_HTTP_LIMITS);
  const { port } = await server.listen("127.0.0.1", 0);
  let accepted = 0;
  const count = (): void => void accepted++;
  subscribe("net.server.socket", count);
  // the machine has connected them before anybody accepts one
  const sockets = Array.from({ length: 20 }, () => connect(port, "127.0.0.1"));
  await nodeTurn().next();
  await nodeTurn().next();
  expect(accepted).toBe(20);
  unsubscribe("net.server.socket", count);
  for (const socket of sockets) socket.destroy();
  await server.close();
});
