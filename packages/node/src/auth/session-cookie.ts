/** How a session travels: one cookie of this host alone, which no script can read. */
export interface CookieForm {
  readonly name: string;
  readonly attributes: string;
}

const USUAL = "Path=/; HttpOnly; SameSite=Lax";
const SECURE: CookieForm = { name: "__Host-banyan-session", attributes: `${USUAL}; Secure` };
/** Browsers keep no `Secure` cookie of a page without TLS; that page is on this machine. */
const LOOPBACK: CookieForm = { name: "banyan-session", attributes: USUAL };

export function cookieForm(loopback: boolean): CookieForm {
  return loopback ? LOOPBACK : SECURE;
}

/** Values of `set-cookie` that take the session away, in whichever form it came. */
export const ENDED_COOKIES: readonly string[] = [SECURE, LOOPBACK].map((form) => setCookie(form, "", 0));

export function setCookie({ name, attributes }: CookieForm, value: string, maxAgeS: number): string {
  return `${name}=${value}; ${attributes}; Max-Age=${maxAgeS}`;
}

/** All values that came under a name: more than one is somebody else's doing. */
export function cookiesOf(header: string, name: string): readonly string[] {
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
