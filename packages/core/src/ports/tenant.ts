/** Whose data it is where nobody says more: that of an application with one tenant. */
export const DEFAULT_TENANT = "default";

/** In place of a tenant's name: every one there is or will be. No tenant can be called that. */
export const EVERY_TENANT = "*";
