// The one thrown class: something no honest visitor does, a wrong set-up, or overload.

export class Problem<Name extends string = string> extends Error {
  readonly problem: Name;
  /** What the operator reads in the log; never shown to the visitor. */
  readonly detail: string;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Name, detail = '', retryAfterMs?: number) {
    super(detail ? `${problem}: ${detail}` : problem);
    this.problem = problem;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}
