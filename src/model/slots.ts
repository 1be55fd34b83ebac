/**
 * Slots: so many works at once, the others in the order in which they came.
 *
 * @module
 */

/** How much of a line is dropped at once. */
const LINE_PIECE = 1024;

/** Bounds how many works go on at once. */
export interface Slots {
  /** Runs work at once, or once there is room; the work says when it is over. */
  take(work: (free: () => void) => void): void;
}

/** Makes slots for so many at once. */
export function makeSlots(countMax: number): Slots {
  const line: ((free: () => void) => void)[] = [];
  let taken = 0;
  let head = 0;
  let moving = false;
  // A loop, not a recursion: thousands in line may be over before they begin.
  const move = (): void => {
    if (moving) return;
    moving = true;
    while (taken < countMax && head < line.length) {
      const work = line[head++];
      taken++;
      work?.(once(free));
      // A line that never empties must not keep what has left it.
      if (head === LINE_PIECE) {
        line.splice(0, head);
        head = 0;
      }
    }
    moving = false;
  };
  const free = (): void => {
    taken--;
    move();
  };
  return {
    take(work) {
      line.push(work);
      move();
    },
  };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
