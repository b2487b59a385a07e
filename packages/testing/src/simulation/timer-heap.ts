import type { Life } from "./life.ts";

export interface Timer {
  readonly atUs: number;
  /** Breaks ties: first planned, first due. */
  readonly order: number;
  readonly life: Life;
  readonly label: string;
  readonly fire: () => void;
  cancelled: boolean;
}

/** Timers by the time they are due. Those that were cancelled, or whose process has died, are passed over. */
export class TimerHeap {
  readonly #heap: Timer[] = [];

  push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && earlier(timer, heap[parent]); at = parent, parent = (at - 1) >> 1) {
      heap[at] = heap[parent] as Timer;
      heap[parent] = timer;
    }
  }

  /** The next that will fire, left where it is. */
  peek(): Timer | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (!first.cancelled && first.life.alive) return first;
      this.#removeFirst();
    }
    return undefined;
  }

  pop(): Timer | undefined {
    const first = this.peek();
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (earlier(heap[child + 1], heap[child])) child++;
      if (!earlier(heap[child], last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

function earlier(left: Timer | undefined, right: Timer | undefined): boolean {
  if (left === undefined || right === undefined) return left !== undefined;
  return left.atUs < right.atUs || (left.atUs === right.atUs && left.order < right.order);
}
