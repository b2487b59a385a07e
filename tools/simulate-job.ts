import { simulateNth } from "@banyan/testing";
import { preparedFor, type Asked } from "./simulate-app.ts";
import type { Answer } from "./spread-seeds.ts";

// One of the processes over which `npm run simulate` spreads its seeds: it is told a seed, runs it, says what it saw, and is told the next.

const prepared = preparedFor(JSON.parse(process.argv[2] ?? "") as Asked);
// said in the answer to the first question
prepared.catch(() => {});

const answered = (answer: Answer): void => void process.send?.(answer);

process.on("message", (nth: number) => {
  void prepared
    .then((options) => simulateNth(options, nth))
    .then(
      (result) => answered({ nth, result }),
      (error: unknown) => answered({ nth, failed: error instanceof Error ? error.message : String(error) }),
    );
});
// whoever asks is gone, killed perhaps: nobody will ask for anything more
process.once("disconnect", () => process.exit());
