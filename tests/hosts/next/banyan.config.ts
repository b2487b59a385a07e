import { notebook } from "../notebook.ts";

export default notebook();
