import { BanyanError, isBanyanError, type Principal, type RouteDefinition } from "@banyan/core";
import type { Vouched, Verify } from "../raw/signature.ts";
import { openedWith, type Signed } from "../raw/signed.ts";
import type { RawBody } from "./raw-body.ts";
import type { Visit } from "./visits.ts";

/** What verifies the deliveries of a signed route. */
export interface Verifier {
  readonly policy: Signed<unknown>;
  readonly principal: Principal;
  readonly verify: Verify;
}

/** The verifiers of all signed routes. Throws `config-invalid` with everything that is wrong with any, secrets that are not set included. */
export function verifiersOf(
  routes: readonly RouteDefinition[],
  settings: unknown,
): ReadonlyMap<RouteDefinition, Verifier> {
  const problems: string[] = [];
  const found = new Map<RouteDefinition, Verifier>();
  for (const route of routes) {
    if (typeof route.allow !== "object" || route.allow.policy !== "signed") continue;
    const policy = route.allow as Signed<unknown>;
    try {
      const verify = openedWith(policy, settings);
      if (policy.principal !== undefined) found.set(route, { policy, principal: policy.principal, verify });
    } catch (error) {
      if (!isBanyanError(error) || error.code !== "config-invalid") throw error;
      problems.push(`${route.http} (${route.at}): ${error.message} ${error.remedy}`);
    }
  }
  if (problems.length === 0) return found;
  throw new BanyanError("config-invalid", problems.join("\n"), {
    remedy: "Correct each of them; the how-to on webhooks has examples.",
  });
}

export interface Signing {
  readonly request: Request;
  readonly body: RawBody | undefined;
  readonly visit: Visit;
  /** Told of bytes as they come. */
  readonly hold: (bytes: number) => void;
}

export interface Delivered {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly id: string;
}

/** Reads the body whole and verifies its bytes, before anything looks into them. Throws for what nobody vouches for. */
export async function verified({ policy, principal, verify }: Verifier, signing: Signing): Promise<Delivered> {
  const { request, visit } = signing;
  visit.judge();
  const bytes = await wholeOf(signing);
  const vouched = await verify({ bytes, header: (name) => request.headers.get(name) ?? undefined });
  const judged = judgedBy(vouched, policy.tolerance.ms);
  if (judged instanceof BanyanError) {
    visit.refused();
    throw judged;
  }
  visit.enter(principal);
  return { bytes, id: deliveryId(judged.id) };
}

/** Whoever signs rightly without a usable id has not forged anything: it is told, and its address is not held to account. */
function deliveryId(id: unknown): string {
  if (typeof id === "string" && /^[\x20-\x7e]{1,255}$/.test(id)) return id;
  const words = id === undefined ? "has no id, or one that its scheme does not take" : "has an id that is none";
  throw new BanyanError("delivery-id-invalid", `The delivery is rightly signed and ${words}.`);
}

async function wholeOf({ body, hold }: Signing): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body?.stream ?? []) {
    hold(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function judgedBy(vouched: Vouched | undefined, toleranceMs: number): Vouched | BanyanError {
  if (vouched === undefined) return new BanyanError("signature-invalid", "The signature is not one of this route's.");
  // what is no number is as far away as can be
  if (vouched.at === undefined || Math.abs(Date.now() - vouched.at) <= toleranceMs) return vouched;
  return new BanyanError("signature-expired", "The time of the signature is too far from now.");
}
