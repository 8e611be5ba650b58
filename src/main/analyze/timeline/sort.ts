/** Rows that are put in order by themselves before pieces are merged. */
const RUN = 32;

/**
 * Places in the order of their times; of equal times in the order in which they came. Merges pieces from below: what is in
 * order already, as most of a log is, is only copied. Takes 8 bytes a row; the sort of typed arrays takes several times that.
 */
export function orderByTime(us: Float64Array): Uint32Array {
  const length = us.length;
  let from = new Uint32Array(length);
  let sorted = true;
  for (let i = 0; i < length; i++) {
    from[i] = i;
    if (i > 0 && (us[i] ?? 0) < (us[i - 1] ?? 0)) sorted = false;
  }
  if (sorted) return from;
  for (let at = 0; at < length; at += RUN) insertionSort(us, from, at, Math.min(length, at + RUN));
  let to = new Uint32Array(length);
  for (let width = RUN; width < length; width *= 2) {
    for (let at = 0; at < length; at += 2 * width) {
      merge(us, from, to, at, Math.min(length, at + width), Math.min(length, at + 2 * width));
    }
    [from, to] = [to, from];
  }
  return from;
}

function insertionSort(us: Float64Array, order: Uint32Array, begin: number, end: number): void {
  for (let i = begin + 1; i < end; i++) {
    const place = order[i] ?? 0;
    const time = us[place] ?? 0;
    let at = i;
    for (; at > begin && (us[order[at - 1] ?? 0] ?? 0) > time; at--) order[at] = order[at - 1] ?? 0;
    order[at] = place;
  }
}

/** Merges begin..middle-1 and middle..end-1 of `from` into `to`. */
function merge(us: Float64Array, from: Uint32Array, to: Uint32Array, begin: number, middle: number, end: number): void {
  if (middle >= end || (us[from[middle - 1] ?? 0] ?? 0) <= (us[from[middle] ?? 0] ?? 0)) {
    to.set(from.subarray(begin, end), begin);
    return;
  }
  let left = begin;
  let right = middle;
  for (let at = begin; at < end; at++) {
    const [a, b] = [from[left] ?? 0, from[right] ?? 0];
    if (left < middle && (right >= end || (us[a] ?? 0) <= (us[b] ?? 0))) {
      to[at] = a;
      left++;
    } else {
      to[at] = b;
      right++;
    }
  }
}
