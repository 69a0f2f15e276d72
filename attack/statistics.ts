// Whether two sets of times can be told apart: by rank (Mann-Whitney), and by their means (Welch).

/** The chance that a value of `other` is larger than one of `one`, ties counted half: 0.5 where nothing tells them apart. */
export function areaUnderCurve(one: readonly number[], other: readonly number[]): number {
  const all = [...one.map((value) => ({ value, isOther: false })), ...other.map((value) => ({ value, isOther: true }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    // Ranks begin at 1; equal values share the mean of theirs.
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) if (all[at]?.isOther) rankSum += rank;
    from = to;
  }
  return (rankSum - (other.length * (other.length + 1)) / 2) / (one.length * other.length);
}

/** Welch's t of two samples; 0 where both are the same constant. */
export function welch(one: readonly number[], other: readonly number[]): number {
  const error = Math.sqrt(varianceOf(one) / one.length + varianceOf(other) / other.length);
  const difference = meanOf(other) - meanOf(one);
  return error === 0 ? (difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY) : difference / error;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Without the slowest part: a pause of the machine is no answer, and one of them moves a mean by more than any leak. */
export function withoutSlowest(values: readonly number[], share = 0.01): number[] {
  const most =
    values.toSorted((a, b) => a - b)[Math.floor(values.length * (1 - share)) - 1] ?? Number.POSITIVE_INFINITY;
  return values.filter((value) => value <= most);
}
