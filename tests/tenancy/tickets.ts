import { anyone, app, command, context, event, query, refuse, roles, type App } from "banyan";
import { z } from "zod";

const Ticket = z.object({ ticketId: z.string(), text: z.string() });

export const TicketOpened = event("tickets.ticket-opened", { version: 1, key: "ticketId", data: Ticket });
export const OpenTicket = command("tickets.open-ticket", {
  http: "POST /tickets",
  input: Ticket,
  output: z.object({ open: z.int() }),
});
export const CloseTicket = command("tickets.close-ticket", {
  http: "DELETE /tickets/:ticketId",
  input: Ticket.pick({ ticketId: true }),
  output: z.object({ closed: z.int() }),
});
export const GetTickets = query("tickets.get-tickets", {
  http: "GET /tickets",
  input: z.object({}),
  output: z.object({ tickets: z.array(Ticket), told: z.array(z.string()) }),
});
export const CountTickets = query("tickets.count-tickets", {
  http: "GET /tickets-of-all",
  input: z.object({}),
  output: z.object({ counts: z.record(z.string(), z.int()) }),
});
const contract = { TicketOpened, OpenTicket, CloseTicket, GetTickets, CountTickets };

// #region tables
const schema = `
  CREATE TABLE tickets_ticket (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()),
    ticket_id TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tenant, ticket_id)
  ) STRICT;
  CREATE TABLE tickets_told (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()),
    position INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tenant, position)
  ) STRICT;`;

export const tickets = context("tickets", {
  contract,
  migrations: [{ name: "001-tickets.sql", sql: schema }],
  tenants: { tables: ["tickets_ticket", "tickets_told"] },
});
// #endregion tables

// #region bodies
tickets.handle(OpenTicket, { allow: anyone() }, async ({ ticketId, text }, { tx, emit }) => {
  await tx.execute("INSERT INTO tickets_ticket (ticket_id, text) VALUES (?, ?)", [ticketId, text]);
  emit(TicketOpened, { ticketId, text });
  if (text.includes("poison")) throw refuse("ticket-poisoned", "This ticket is never opened.", { kind: "conflict" });
  const { rows } = await tx.execute("SELECT count(*) AS open FROM tickets_ticket");
  return { open: Number(rows[0]?.["open"]) };
});
// #endregion bodies
tickets.handle(CloseTicket, { allow: anyone() }, async ({ ticketId }, { tx }) => {
  const { changes } = await tx.execute("DELETE FROM tickets_ticket WHERE ticket_id = ?", [ticketId]);
  return { closed: changes };
});
tickets.answer(GetTickets, { allow: anyone() }, async (_, { read }) => {
  const { rows } = await read.execute("SELECT ticket_id, text FROM tickets_ticket ORDER BY 1");
  const told = await read.execute("SELECT text FROM tickets_told ORDER BY position");
  return {
    tickets: rows.map((row) => ({ ticketId: String(row["ticket_id"]), text: String(row["text"]) })),
    told: told.rows.map(({ text }) => String(text)),
  };
});
tickets.on(TicketOpened, { name: "tell", from: "start" }, async ({ data, position }, { tx }) => {
  await tx.execute("INSERT INTO tickets_told (position, text) VALUES (?, ?)", [position, data.text]);
});

// #region across
tickets.answer(CountTickets, { allow: roles("operator"), tenants: "*" }, async (_, { read }) => {
  const { rows } = await read.execute("SELECT tenant, count(*) AS n FROM tickets_ticket GROUP BY tenant");
  return { counts: Object.fromEntries(rows.map(({ tenant, n }) => [String(tenant), Number(n)])) };
});
// #endregion across

export function ticketsApp(): App {
  return app({ contexts: [tickets] });
}
