import { shop } from "../../../lib/shop.ts";

export const dynamic = "force-dynamic";

async function handle(request: Request): Promise<Response> {
  return (await shop()).fetch(request);
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
