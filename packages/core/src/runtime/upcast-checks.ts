import { chainFaults, isVersion, readEvent, type EventContract } from "../contract/index.ts";
import { violation, type Violation } from "../error/index.ts";

/** What is wrong with how an event reads its earlier versions: the chain of upcasts, or a sample that does not come through it. */
export function checkUpcasts(event: EventContract): Violation[] {
  const { name, at, version } = event;
  if (!Number.isInteger(version) || version < 1) return [];
  const faults = chainFaults(event);
  const found = faults.length > 0 ? faults : sampleFaults(event);
  return found.map((fault) => violation("upcast-invalid", at, `"${name}" ${fault}.`));
}

function sampleFaults(event: EventContract): string[] {
  return Object.entries(event.samples).flatMap(([version, samples]) => {
    if (!isVersion(version) || Number(version) > event.version)
      return [`has samples of "${version}", which is no version up to ${event.version}`];
    if (!Array.isArray(samples)) return [`has samples of version ${version} that are not a list`];
    return samples.flatMap((sample, i) => {
      const read = readEvent(event, Number(version), stored(sample));
      return read.ok ? [] : [`cannot read sample ${i} of version ${version}: ${read.why}`];
    });
  });
}

/** As the log would give it, so that an upcast may change it. */
function stored(sample: unknown): unknown {
  return JSON.parse(JSON.stringify(sample) ?? "null");
}
