export async function POST(request: Request): Promise<Response> {
  return Response.json({ heard: await request.json() });
}
