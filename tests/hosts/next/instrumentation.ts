/** Once, when the server starts: deliveries do not wait for the first request. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { start } = await import("./lib/shop.ts");
  await start();
}
